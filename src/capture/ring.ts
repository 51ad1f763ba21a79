/**
 * Live capture on packet sockets, read in batches: the kernel filters, queues tens of thousands of packets while we are
 * late, and a system call fetches many of them. See docs/decisions for why not a memory-mapped ring.
 */
import { performance } from 'node:perf_hooks';
import { KernelAddressWatch } from '../kernel/netlink/address-watch';
import { interfaceIndex } from '../kernel/interface-index';
import { isLeftOut, limitToBuckets, limitToLeftOut } from '../kernel/filter/bucket-filter';
import { openKernel } from '../kernel/kernel';
import { ReceiveBatch } from '../kernel/packets/receive-batch';
import { compileFilter } from '../kernel/filter/pcap-filter';
import { onlyIncoming } from '../kernel/filter/endpoint-filter';
import { limitToShare } from '../kernel/filter/share-filter';
import { type Family, FAMILIES } from '../wire/address/address';
import type { BucketStates } from '../wire/tables/bucket';
import { AddressedDevices } from './addressed-devices';
import { DeviceCapture, type DeviceEvents } from './device-capture';
import { CaptureError } from './devices';
import { clientEndOf, Intake } from './intake';
import type { CaptureRequest } from './request';
import type { CaptureEvents, CaptureSource, KernelQueue } from './source';

const BATCH = 32;
/** LOOPBACK_IFINDEX of net/net_namespace.h. */
const LOOPBACK_DEVICE = 1;

const leftOutOf = (states: BucketStates): number => states.filter(isLeftOut).length;

export function openRingCapture(request: CaptureRequest, events: CaptureEvents): CaptureSource {
  const kernel = openKernel();
  const { devices, buffer_bytes, wanted, share, stamped = false } = request;
  /** What libpcap compiles is for both families. */
  const both = request.programs ? undefined : compileFilter(request.filter);
  const programOf = (family: Family): Uint8Array => {
    const program = both ?? request.programs![family];
    return share ? limitToShare(program, share, family, clientEndOf(wanted)) : program;
  };
  const captures: DeviceCapture[] = [];
  let addressed: AddressedDevices | undefined;
  let losses = 0;
  const watch = new KernelAddressWatch(kernel, {
    changed: (came, gone) => {
      addressed?.attend();
      events.changed?.(came, gone);
    },
    deviceChanged: () => {
      addressed?.attend();
      for (const capture of captures) capture.attend();
    },
  });
  const intake = new Intake(watch, wanted, events.segment, share);
  const batch = new ReceiveBatch(kernel, BATCH, request.packetMax_bytes, stamped);
  let readAt_ms = 0;
  /** The kernel's clock of packets less ours. */
  let ahead_ms = 0;
  const isUp = (device: string): boolean | undefined => watch.isUp(device);
  const deviceEvents: DeviceEvents = {
    begin: () => {
      intake.begin();
      readAt_ms = performance.now();
      if (stamped) ahead_ms = kernel.wallClockAhead_ms();
    },
    take: (bytes, offset, length, truncated, stamp_ms) => {
      if (truncated) intake.reject('frame-truncated');
      else intake.packet(bytes, offset, length, stamp_ms > 0 ? stamp_ms - ahead_ms : readAt_ms);
    },
    lost: (device, reason) => {
      losses += 1;
      events.lost(device, reason);
    },
    turned: () => events.turned?.(),
    found: (device) => events.found(device),
  };
  let states: BucketStates | undefined;
  const promiscuous = wanted.to === 'anybody';
  const incoming = (family: Family, except: readonly number[]): Uint8Array =>
    onlyIncoming(programOf(family), { forOthers: promiscuous, except });
  /** Programs of this machine speak over the loopback device: that is no client, unless it is asked for. */
  const ofAll = (family: Family): Uint8Array => incoming(family, wanted.loopback ? [] : [LOOPBACK_DEVICE]);
  /** A device below others that are named (of a VLAN, say) hears theirs too. */
  const ofOne = (device: string, family: Family): Uint8Array =>
    incoming(
      family,
      (devices ?? []).flatMap((other) => (other === device ? [] : (interfaceIndex(kernel, other) ?? []))),
    );
  const close = (): void => {
    for (const capture of captures) capture.close();
    watch.close();
    batch.free();
  };
  const sockets = (devices ?? [undefined]).flatMap((device) =>
    FAMILIES.map((family) => ({ device, family })),
  );
  for (const { device, family } of sockets) {
    const filter = (): Uint8Array => (device === undefined ? ofAll(family) : ofOne(device, family));
    const options = {
      family,
      filter: () => (states ? limitToBuckets(filter(), states, family) : filter()),
      counted: () => (states?.some(isLeftOut) ? limitToLeftOut(filter(), states, family) : undefined),
      buffer_bytes,
      promiscuous,
      stamped,
      isUp,
    };
    try {
      // A device that goes away is told of once.
      const told =
        family === 4 ? deviceEvents : { ...deviceEvents, lost: () => undefined, found: () => undefined };
      captures.push(new DeviceCapture(kernel, device, options, batch, told));
    } catch (cause) {
      close();
      throw new CaptureError(
        `cannot capture on ${device ?? 'all devices'}: ${(cause as Error).message}; capturing needs root, or CAP_NET_RAW and CAP_NET_ADMIN`,
        { cause },
      );
    }
  }
  const queue: KernelQueue = {
    fill: () => Math.max(...captures.map((capture) => capture.fill())),
    totals: () => {
      const totals = captures.map((capture) => capture.totals());
      return {
        letIn: totals.reduce((sum, { letIn }) => sum + letIn, 0),
        dropped: totals.reduce((sum, { dropped }) => sum + dropped, 0),
      };
    },
    get read() {
      return captures.reduce((sum, { readTotal }) => sum + readTotal, 0);
    },
    isCaughtUp: () => captures.every((capture) => capture.isCaughtUp()),
    letIn: (next) => {
      const countsMore = leftOutOf(next) >= leftOutOf(states ?? []);
      states = next;
      for (const capture of captures) capture.refilter(countsMore);
    },
    leftOutTotal: () => captures.reduce((sum, capture) => sum + capture.countedTotal(), 0),
  };
  if (!devices) addressed = new AddressedDevices(watch, deviceEvents);
  return {
    description: `${devices?.join(', ') ?? 'all devices'} (packet socket${promiscuous ? ', promiscuous' : ''})`,
    get addresses() {
      return watch.addresses;
    },
    get counters() {
      return { ...intake.counters, kernel_dropped: queue.totals().dropped, device_lost: losses };
    },
    queue,
    close,
  };
}
