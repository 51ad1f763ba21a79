/**
 * A program that writes a capture of any size to its standard output: uploads of clients to port 80, and between them what
 * a server says, which a replay reads and leaves out. It runs in a node, where a file of that size would not fit.
 */

/** What one upload and the packets of the server beside it take in the file. */
export const CONNECTION_BYTES = 760_000;

/** Argument: how many connections. The capture says that they come 100 ms apart. */
export const makeCaptureProgram = `
import { writeSync } from 'node:fs';
const CLIENT = 0xcb007100, ONLINE = 0xc6336401, BODY = 65000, SEGMENT = 1448;
const connections = Number(process.argv[2]);
const records = [];
const head = (packet, length) => {
  const bytes = Buffer.alloc(16 + 54 + length);
  bytes.writeUInt32LE(54 + length, 8); bytes.writeUInt32LE(54 + length, 12);
  bytes[16 + 12] = 8;
  bytes[30] = 0x45; bytes.writeUInt16BE(40 + length, 32); bytes[38] = 64; bytes[39] = 6;
  const { source, destination, from, to, sequence, acknowledgment, flags } = packet;
  bytes.writeUInt32BE(source, 42); bytes.writeUInt32BE(destination, 46);
  bytes.writeUInt16BE(from, 50); bytes.writeUInt16BE(to, 52);
  bytes.writeUInt32BE(sequence >>> 0, 54); bytes.writeUInt32BE(acknowledgment >>> 0, 58);
  bytes[62] = 0x50; bytes[63] = flags; bytes.writeUInt16BE(60000, 64);
  return bytes;
};
const write = (bytes) => { for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at); };
const header = Buffer.alloc(24);
header.writeUInt32LE(0xa1b2c3d4, 0); header.writeUInt16LE(2, 4); header.writeUInt16LE(4, 6);
header.writeUInt32LE(262144, 16); header.writeUInt32LE(1, 20);
write(header);
for (let index = 0; index < connections; index += 1) {
  const client = CLIENT + 1 + (index % 200), port = 20000 + Math.floor(index / 200), first = index * 1000;
  const up = { source: client, destination: ONLINE, from: port, to: 80 };
  const text = 'POST /' + index + ' HTTP/1.1\\r\\nHost: online\\r\\nContent-Length: ' + BODY + '\\r\\n\\r\\n';
  const words = Buffer.concat([Buffer.from(text), Buffer.alloc(BODY, 'x')]);
  const packets = [head({ ...up, sequence: first, acknowledgment: 0, flags: 2 }, 0)];
  packets.push(head({ ...up, sequence: first + 1, acknowledgment: 1, flags: 16 }, 0));
  for (let at = 0; at < words.length; at += SEGMENT) {
    const piece = words.subarray(at, at + SEGMENT), last = at + SEGMENT >= words.length;
    const packet = head({ ...up, sequence: first + 1 + at, acknowledgment: 1, flags: last ? 24 : 16 }, piece.length);
    piece.copy(packet, 70);
    packets.push(packet);
  }
  const down = { source: ONLINE, destination: client, from: 80, to: port, acknowledgment: first, flags: 16 };
  for (let one = 0; one < 450; one += 1) packets.push(head({ ...down, sequence: 1 + one * SEGMENT }, SEGMENT));
  const end = { ...up, sequence: first + 1 + words.length, acknowledgment: 101 };
  packets.push(head({ ...end, flags: 16 }, 0), head({ ...end, flags: 17 }, 0));
  for (const packet of packets) {
    packet.writeUInt32LE(1700000000 + Math.floor(index / 10), 0);
    packet.writeUInt32LE((index % 10) * 100000, 4);
  }
  write(Buffer.concat(packets));
}
`;
