/** Captures of packets that a firewall rule has logged: what the guard drops leaves the node nowhere, and can only be seen before it, there. */
import { packetsIn } from '../../../src/wire/capture/capture-file';
import { emitPcapFileHeader, emitPcapRecord } from '../../../src/wire/capture/pcap';
import { LINKTYPE } from '../../../src/wire/encapsulation/link';
import { LINKTYPE_NFLOG, loggedPacket } from '../../../src/wire/encapsulation/nflog';

/** A record's time is cut to microseconds, and was one before. */
const HALF_MICROSECOND = 5e-7;

/** The same packets in a capture of raw IP; records of another link type are left out. */
export function unlogged(capture: Uint8Array): Uint8Array {
  const view = Buffer.from(capture.buffer, capture.byteOffset, capture.byteLength);
  const pieces: Uint8Array[] = [emitPcapFileHeader(LINKTYPE.raw)];
  for (const { linkType, offset, capturedLength, timestamp = 0 } of packetsIn(capture)) {
    if (linkType !== LINKTYPE_NFLOG) continue;
    const payload = loggedPacket(view.subarray(offset, offset + capturedLength));
    if (payload) pieces.push(emitPcapRecord(payload, timestamp + HALF_MICROSECOND));
  }
  return Buffer.concat(pieces);
}
