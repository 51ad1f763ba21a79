/** IP packets with a TCP segment, as a client sends them to the online server. */
import { finishChecksum, pseudoHeaderSum, tcpChecksum } from '../../../src/wire/checksum';
import { emitIp, ipHeader_bytes } from '../../../src/wire/ip/ip';
import { ACK, emitTcp, PSH, putTcpChecksum } from '../../../src/wire/tcp';

export const CLIENT = 0xc612_0a0a;
export const ONLINE = 0xc612_0a14;

export interface PacketOptions {
  readonly payload?: string;
  readonly flags?: number;
  readonly sequence?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** Of IPv4 by default. */
  readonly source?: number;
  /** Of the same family. */
  readonly destination?: number;
  /** As the sender means it, or as capture sees it where a card computes it; by default it is left out, and wrong. */
  readonly checksum?: 'right' | 'of-pseudo-header';
}

export function packet(options: PacketOptions = {}): Uint8Array {
  const { payload = '', flags = ACK | PSH, sequence = 1000, source = CLIENT, destination = ONLINE } = options;
  const text = Buffer.from(payload, 'latin1');
  const tcp = ipHeader_bytes(source);
  const length = 20 + text.length;
  const bytes = new Uint8Array(tcp + length);
  emitIp(bytes, 0, { identification: sequence & 0xffff, ttl: 64, source, destination }, length);
  emitTcp(bytes, tcp, {
    sourcePort: options.sourcePort ?? 40_000,
    destinationPort: options.destinationPort ?? 80,
    sequence,
    acknowledgment: 1,
    headerLength: 20,
    flags,
    window: 1000,
  });
  bytes.set(text, tcp + 20);
  if (options.checksum === 'right')
    putTcpChecksum(bytes, tcp, tcpChecksum(bytes, tcp, length, source, destination));
  if (options.checksum === 'of-pseudo-header')
    putTcpChecksum(bytes, tcp, ~finishChecksum(pseudoHeaderSum(source, destination, length)) & 0xffff);
  return bytes;
}

export function ethernet(ip: Uint8Array): Uint8Array {
  const frame = new Uint8Array(14 + ip.length);
  frame[12] = 0x08;
  frame.set(ip, 14);
  return frame;
}
