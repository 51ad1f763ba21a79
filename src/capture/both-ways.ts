/**
 * What clients and the copied servers say to each other, and what copies say, as it comes in and goes out, its headers or all of it,
 * with the kernel's time of each: one queue for all ways, so that an answer never comes before its request. Beside the capture of what is
 * copied, which nothing of this can hold up.
 */
import { performance } from 'node:perf_hooks';
import { compileBothWaysFilter } from '../kernel/filter/endpoint-filter';
import { openKernel } from '../kernel/kernel';
import { ReceiveBatch } from '../kernel/packets/receive-batch';
import { FAMILIES } from '../wire/address/address';
import type { Endpoint } from '../wire/flow';
import { SHARES } from '../wire/tables/sample';
import type { Share } from '../wire/tables/share';
import { emptySegmentView, viewSegment } from '../wire/segment';
import { DeviceCapture } from './device-capture';
import { CaptureError, type CaptureScope } from './devices';
import type { SegmentListener } from './source';

const BATCH = 64;

/** How much of each packet is taken, who counts it, and what may wait. */
const EXTENTS = {
  /** Headers of IP and TCP, extensions of IPv6 among them: tens of thousands may wait. */
  headers: { snap_bytes: 160, buffer_bytes: 16 * 1024 * 1024, counted: 'responses' },
  /** The longest packet of IPv6, which is longer than that of IPv4. */
  whole: { snap_bytes: 65_575, buffer_bytes: 64 * 1024 * 1024, counted: 'compare' },
} as const;
/** LOOPBACK_IFINDEX of net/net_namespace.h. */
const LOOPBACK_DEVICE = 1;

export interface BothWaysEvents {
  /** From a client to a copied server. */
  readonly client: SegmentListener;
  /** From a copied server to a client. */
  readonly server: SegmentListener;
  /** From a copy to a test server. */
  readonly copy?: SegmentListener;
}

export interface BothWaysCapture {
  readonly counters: Readonly<Record<string, number>>;
  close(): void;
}

/**
 * @param testServers whose copies are heard
 * @param isOwn whether an address is this machine's
 * @param sampled share of the clients' connections (src/wire/tables/sample.ts)
 * @param share of a worker; undefined for all
 * @throws CaptureError, PackageUnavailableError where the kernel cannot be called
 */
export function openBothWays(
  { endpoints, loopback }: CaptureScope,
  testServers: readonly Endpoint[],
  isOwn: (address: number) => boolean,
  events: BothWaysEvents,
  extent: keyof typeof EXTENTS = 'headers',
  sampled = SHARES,
  share?: Share,
): BothWaysCapture {
  const { snap_bytes, buffer_bytes, counted } = EXTENTS[extent];
  const kernel = openKernel();
  const ports = [...new Set([...endpoints, ...testServers].map(({ port }) => port))];
  let segments = 0;
  const batch = new ReceiveBatch(kernel, BATCH, snap_bytes, true);
  const view = emptySegmentView();
  const isServer = (address: number, port: number): boolean =>
    endpoints.some(
      (one) => one.port === port && (one.address === undefined ? isOwn(address) : one.address === address),
    );
  const isTest = (address: number, port: number): boolean =>
    testServers.some((one) => one.port === port && one.address === address);
  /** The kernel's clock of packets less ours. */
  let ahead_ms = 0;
  let readAt_ms = 0;
  const captures: DeviceCapture[] = [];
  for (const family of FAMILIES) {
    const except = loopback ? [] : [LOOPBACK_DEVICE];
    const filter = compileBothWaysFilter(ports, family, except, snap_bytes, sampled, share);
    const options = {
      family,
      filter: () => filter,
      counted: () => undefined,
      buffer_bytes: Math.ceil(buffer_bytes / (share?.count ?? 1)),
      // A mirror port is promiscuous already for what is copied.
      promiscuous: false,
      bothWays: true,
      stamped: true,
      isUp: () => true,
    };
    try {
      captures.push(
        new DeviceCapture(kernel, undefined, options, batch, {
          begin: () => {
            readAt_ms = performance.now();
            ahead_ms = kernel.wallClockAhead_ms();
          },
          take: (bytes, offset, length, _, stamp_ms) => {
            if (viewSegment(view, bytes, offset, length, extent) !== undefined) return;
            segments += 1;
            const at_ms = stamp_ms > 0 ? stamp_ms - ahead_ms : readAt_ms;
            if (isServer(view.destination, view.destinationPort)) events.client(view, at_ms);
            else if (isServer(view.source, view.sourcePort)) events.server(view, at_ms);
            else if (isTest(view.destination, view.destinationPort)) events.copy?.(view, at_ms);
          },
          turned: () => undefined,
          lost: () => undefined,
          found: () => undefined,
        }),
      );
    } catch (cause) {
      for (const capture of captures) capture.close();
      batch.free();
      throw new CaptureError(`cannot capture responses: ${(cause as Error).message}`, { cause });
    }
  }
  return {
    get counters() {
      const dropped = captures.reduce((sum, capture) => sum + capture.totals().dropped, 0);
      return { [`${counted}_segments`]: segments, [`${counted}_kernel_dropped`]: dropped };
    },
    close: () => {
      for (const capture of captures) capture.close();
      batch.free();
    },
  };
}
