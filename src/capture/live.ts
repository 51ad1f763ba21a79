/** Live capture on the package `cap` (libpcap): one handle for each device. */
import { performance } from 'node:perf_hooks';
import { watchAddresses } from '../kernel/netlink/address-watch';
import { loadOptionalPackage } from '../kernel/optional-package';
import { ipv4OffsetInFrame, LINKTYPE } from '../wire/encapsulation/link';
import { CaptureError } from './devices';
import { Intake } from './intake';
import type { CaptureRequest } from './request';
import type { CaptureEvents, CaptureSource } from './source';

/** Room for a link header with its tags before the packet. */
const LINK_HEADER_MAX_BYTES = 64;

/** All devices, as pcap(3) has them: a bridge and its port both tell of a packet, which then is there twice. */
const ANY = 'any';

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

/** The package takes 64 KiB of the buffer for each frame. */
export function openCapCapture(request: CaptureRequest, events: CaptureEvents): CaptureSource {
  const { Cap } = loadOptionalPackage('cap', 'libpcap-dev') as { Cap: new () => Cap };
  const { filter, buffer_bytes, packetMax_bytes } = request;
  const devices = request.devices ?? [ANY];
  const watch = watchAddresses({ changed: (came, gone) => events.changed?.(came, gone) });
  const intake = new Intake(watch, request.wanted, events.segment);
  const handles: Cap[] = [];
  // The package keeps bare pointers to these buffers: they must live as long as the handles.
  const buffers: Buffer[] = [];
  const close = (): void => {
    for (const handle of handles) handle.close();
    watch.close();
    buffers.length = 0;
  };
  for (const device of devices) {
    const handle = new Cap();
    const buffer = Buffer.alloc(packetMax_bytes + LINK_HEADER_MAX_BYTES);
    buffers.push(buffer);
    try {
      const linkName = handle.open(device, `inbound and (${filter})`, buffer_bytes, buffer);
      handles.push(handle);
      handle.setMinBytes?.(0);
      const linkType = LINK_TYPES[linkName];
      if (linkType === undefined) throw new Error(`its link type ${linkName} is not known`);
      handle.on('packet', (length, truncated) => takeFrame(intake, buffer, length, truncated, linkType));
    } catch (cause) {
      close();
      throw new CaptureError(
        `cannot capture on ${device}: ${(cause as Error).message}; capturing needs root or CAP_NET_RAW`,
        { cause },
      );
    }
  }
  return {
    description: `${devices.join(', ')} (package cap)`,
    get addresses() {
      return watch.addresses;
    },
    counters: intake.counters,
    close,
  };
}

function takeFrame(
  intake: Intake,
  buffer: Buffer,
  length: number,
  truncated: boolean,
  linkType: number,
): void {
  if (truncated) {
    intake.reject('frame-truncated');
    return;
  }
  intake.begin();
  const ipOffset = ipv4OffsetInFrame(buffer, 0, length, linkType);
  if (ipOffset < 0) intake.reject('not-ip');
  else intake.packet(buffer, ipOffset, length - ipOffset, performance.now());
}
