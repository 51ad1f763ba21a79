/** What a tap at the underlay sees of one network: the frames in its tunnels, as if they had been captured there. */
import { packetsIn } from '../../../src/wire/capture/capture-file';
import {
  emitPcapngFrame,
  emitPcapngInterface,
  emitPcapngSection,
} from '../../../src/wire/capture/emit-pcapng';
import { LINKTYPE } from '../../../src/wire/encapsulation/link';

/** RFC 7348, section 8. */
export const VXLAN_PORT = 4789;

const ETHERNET_BYTES = 14;
const IPV6_BYTES = 40;
const UDP_BYTES = 8;
const VXLAN_BYTES = 8;
const UDP = 17;
const ETHERTYPES = { ipv4: 0x0800, ipv6: 0x86dd } as const;

/**
 * @param capture of Ethernet frames; others carry no tunnels
 * @param network the tunnels' number (VXLAN network identifier, 24 bits)
 * @returns a capture of the frames within, each at the time at which its carrier was seen
 * @throws CaptureFileError when the capture is damaged or cut off
 */
export function insideTunnels(capture: Uint8Array, network: number): Uint8Array {
  const parts = [
    emitPcapngSection(),
    emitPcapngInterface({ name: `vxlan ${network}`, linkType: LINKTYPE.ethernet }),
  ];
  for (const { offset, capturedLength, originalLength, timestamp, linkType } of packetsIn(capture)) {
    if (linkType !== LINKTYPE.ethernet) continue;
    const frame = capture.subarray(offset, offset + capturedLength);
    const at = withinVxlan(frame, network);
    if (at === undefined) continue;
    parts.push(
      emitPcapngFrame({
        interface: 0,
        timestamp: timestamp ?? 0,
        bytes: frame.subarray(at),
        originalLength: originalLength - at,
      }),
    );
  }
  return Buffer.concat(parts);
}

/** Where the inner frame begins; undefined where there is none, or it is another network's. */
function withinVxlan(frame: Uint8Array, network: number): number | undefined {
  const udp = datagramIn(frame);
  if (udp === undefined || udp + UDP_BYTES + VXLAN_BYTES > frame.length) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset + udp);
  const isOurs = view.getUint16(2) === VXLAN_PORT && view.getUint32(UDP_BYTES + 4) >>> 8 === network;
  return isOurs ? udp + UDP_BYTES + VXLAN_BYTES : undefined;
}

/** Where a UDP header begins. */
function datagramIn(frame: Uint8Array): number | undefined {
  if (frame.length < ETHERNET_BYTES + IPV6_BYTES) return undefined;
  const type = (frame[12]! << 8) | frame[13]!;
  if (type === ETHERTYPES.ipv4 && frame[ETHERNET_BYTES + 9] === UDP)
    return ETHERNET_BYTES + 4 * (frame[ETHERNET_BYTES]! & 0x0f);
  if (type === ETHERTYPES.ipv6 && frame[ETHERNET_BYTES + 6] === UDP) return ETHERNET_BYTES + IPV6_BYTES;
  return undefined;
}
