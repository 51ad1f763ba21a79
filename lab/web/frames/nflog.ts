/**
 * Captures of packets that a firewall rule has logged (LINKTYPE_NFLOG; linux/netfilter/nfnetlink_log.h): what the guard
 * drops leaves the node nowhere, and can only be seen before it, there.
 */
import { packetsIn } from '../../../src/wire/capture/capture-file';
import { emitPcapFileHeader, emitPcapRecord } from '../../../src/wire/capture/pcap';
import { LINKTYPE } from '../../../src/wire/encapsulation/link';

const LINKTYPE_NFLOG = 239;
/** u8 family, u8 version, u16 group. */
const HEADER_BYTES = 4;
/** u16 length, itself included, and u16 type, in the order of the capturing machine; padded to 4 bytes. */
const ATTRIBUTE_HEADER_BYTES = 4;
const PAYLOAD = 9;
/** A record's time is cut to microseconds, and was one before. */
const HALF_MICROSECOND = 5e-7;

/** The same packets in a capture of raw IP; records of another link type are left out. */
export function unlogged(capture: Uint8Array): Uint8Array {
  const view = Buffer.from(capture.buffer, capture.byteOffset, capture.byteLength);
  const pieces: Uint8Array[] = [emitPcapFileHeader(LINKTYPE.raw)];
  for (const { linkType, offset, capturedLength, timestamp = 0 } of packetsIn(capture)) {
    if (linkType !== LINKTYPE_NFLOG) continue;
    const payload = payloadIn(view.subarray(offset, offset + capturedLength));
    if (payload) pieces.push(emitPcapRecord(payload, timestamp + HALF_MICROSECOND));
  }
  return Buffer.concat(pieces);
}

function payloadIn(record: Buffer): Buffer | undefined {
  let at = HEADER_BYTES;
  while (at + ATTRIBUTE_HEADER_BYTES <= record.length) {
    const length = record.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > record.length) return undefined;
    if (record.readUInt16LE(at + 2) === PAYLOAD)
      return record.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length);
    at += (length + 3) & ~3;
  }
  return undefined;
}
