/** Live capture on the package `cap` (libpcap): one handle for each device. */
import { loadOptionalPackage } from '../kernel/optional-package';
import { ipv4OffsetInFrame, LINKTYPE } from '../wire/link';
import { emptySegmentView, viewSegment } from '../wire/segment';
import { captureFilter, type CapturedEndpoint } from './filter';
import { localAddresses } from './local-addresses';
import type { CaptureCounters, CaptureReject, CaptureSource, SegmentListener } from './source';

/** The package takes 64 KiB of this for each frame: 1,024 frames may wait. */
const RING_BYTES = 64 * 1024 * 1024;
/** The largest frame: an IPv4 packet of 64 KiB behind a link header. */
const FRAME_MAX_BYTES = 65_535 + 64;

/** The part of the package's interface that is used here. */
interface Cap {
  open(device: string, filter: string, ringSize: number, buffer: Buffer): string;
  close(): void;
  setMinBytes?(bytes: number): void;
  on(event: 'packet', listener: (length: number, truncated: boolean) => void): void;
}

const LINK_TYPES: Readonly<Record<string, number>> = {
  NULL: LINKTYPE.null,
  ETHERNET: LINKTYPE.ethernet,
  RAW: LINKTYPE.raw,
  LINKTYPE_LINUX_SLL: LINKTYPE.linuxSll,
};

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly code = 'cannot-capture';
}

export function openLiveCapture(
  endpoints: readonly CapturedEndpoint[],
  listener: SegmentListener,
): CaptureSource {
  const { Cap } = loadOptionalPackage('cap', 'libpcap-dev') as { Cap: new () => Cap };
  const local = localAddresses();
  const filter = captureFilter(
    endpoints,
    local.filter(({ loopback }) => !loopback).map(({ address }) => address),
  );
  const devices = devicesFor(endpoints, local);
  if (devices.length === 0) {
    throw new CaptureError('no network device of this machine has an IPv4 address that clients could reach');
  }
  const counters: CaptureCounters = { frames: 0, segments: 0 };
  const own = new Set(local.map(({ address }) => address));
  const handles: Cap[] = [];
  // The package keeps bare pointers to these buffers: they must live as long as the handles.
  const buffers: Buffer[] = [];
  const close = (): void => {
    for (const handle of handles) handle.close();
    buffers.length = 0;
  };
  for (const device of devices) {
    const handle = new Cap();
    const buffer = Buffer.alloc(FRAME_MAX_BYTES);
    buffers.push(buffer);
    try {
      const linkName = handle.open(device, filter, RING_BYTES, buffer);
      handles.push(handle);
      handle.setMinBytes?.(0);
      const linkType = LINK_TYPES[linkName];
      if (linkType === undefined) throw new Error(`its link type ${linkName} is not known`);
      handle.on('packet', takeFrames(buffer, linkType, own, counters, listener));
    } catch (cause) {
      close();
      throw new CaptureError(
        `cannot capture on ${device}: ${(cause as Error).message}; capturing needs root or CAP_NET_RAW`,
        { cause },
      );
    }
  }
  return { description: `${devices.join(', ')}: ${filter}`, counters, close };
}

/** Devices with an address that clients use; the loopback device only where a copied address is on it. */
function devicesFor(
  endpoints: readonly CapturedEndpoint[],
  local: ReturnType<typeof localAddresses>,
): string[] {
  const wanted = local.filter(({ address, loopback }) =>
    endpoints.some((endpoint) => (endpoint.address === undefined ? !loopback : endpoint.address === address)),
  );
  return [...new Set(wanted.map(({ device }) => device))];
}

function takeFrames(
  buffer: Buffer,
  linkType: number,
  own: ReadonlySet<number>,
  counters: CaptureCounters,
  listener: SegmentListener,
): (length: number, truncated: boolean) => void {
  const view = emptySegmentView();
  const reject = (reason: CaptureReject): void => {
    const name = `rejected_${reason}` as const;
    counters[name] = (counters[name] ?? 0) + 1;
  };
  return (length, truncated) => {
    counters.frames += 1;
    if (truncated) {
      reject('frame-truncated');
      return;
    }
    const ipOffset = ipv4OffsetInFrame(buffer, 0, length, linkType);
    if (ipOffset < 0) {
      reject('not-ipv4');
      return;
    }
    const fault = viewSegment(view, buffer, ipOffset, length - ipOffset, 'whole');
    if (fault) reject(fault);
    else if (own.has(view.source)) reject('local-client');
    else {
      counters.segments += 1;
      listener(view);
    }
  };
}
