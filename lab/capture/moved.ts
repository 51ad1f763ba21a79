/** A capture by another clock than its machine's. */
import { packetsIn } from '../../src/wire/capture/capture-file';
import { emitPcapFileHeader, emitPcapRecord } from '../../src/wire/capture/pcap';
import { LINKTYPE } from '../../src/wire/encapsulation/link';

/** @param capture of whole frames and one link type @param by_s what is added to each time */
export function moved(capture: Uint8Array, by_s: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let linkType: number = LINKTYPE.ethernet;
  for (const packet of packetsIn(capture)) {
    linkType = packet.linkType;
    const bytes = capture.subarray(packet.offset, packet.offset + packet.capturedLength);
    parts.push(emitPcapRecord(bytes, (packet.timestamp ?? 0) + by_s, packet.originalLength));
  }
  return Buffer.concat([emitPcapFileHeader(linkType), ...parts]);
}
