/**
 * Captures of packets that a firewall rule has logged (LINKTYPE_NFLOG; linux/netfilter/nfnetlink_log.h): what the guard
 * drops leaves the node nowhere, and can only be seen before it, there.
 */
import { packetsIn } from '../../../src/wire/capture/capture-file';
import { LINKTYPE } from '../../../src/wire/encapsulation/link';

const LINKTYPE_NFLOG = 239;
/** u8 family, u8 version, u16 group. */
const HEADER_BYTES = 4;
/** u16 length, itself included, and u16 type, in the order of the capturing machine; padded to 4 bytes. */
const ATTRIBUTE_HEADER_BYTES = 4;
const PAYLOAD = 9;

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MAGIC = 0xa1b2c3d4;
const SNAP_BYTES = 0x40000;

/** The same packets in a capture of raw IP; records of another link type are left out. */
export function unlogged(capture: Uint8Array): Uint8Array {
  const view = Buffer.from(capture.buffer, capture.byteOffset, capture.byteLength);
  const pieces: Buffer[] = [fileHeader()];
  for (const { linkType, offset, capturedLength, timestamp = 0 } of packetsIn(capture)) {
    if (linkType !== LINKTYPE_NFLOG) continue;
    const payload = payloadIn(view.subarray(offset, offset + capturedLength));
    if (payload) pieces.push(recordHeader(timestamp, payload.length), payload);
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

function fileHeader(): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_BYTES, 16);
  header.writeUInt32LE(LINKTYPE.raw, 20);
  return header;
}

function recordHeader(timestamp: number, length: number): Buffer {
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  const seconds = Math.floor(timestamp);
  header.writeUInt32LE(seconds, 0);
  header.writeUInt32LE(Math.round((timestamp - seconds) * 1e6), 4);
  header.writeUInt32LE(length, 8);
  header.writeUInt32LE(length, 12);
  return header;
}
