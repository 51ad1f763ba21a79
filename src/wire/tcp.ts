/**
 * TCP header (RFC 9293, section 3.1). Offsets count from the first byte of the header; all fields are big-endian.
 *
 * Getters read without checks: call `checkTcp` once at the boundary.
 */
import { readU16, readU32, writeU16, writeU32 } from './big-endian';

const SOURCE_PORT = 0; //       u16
const DESTINATION_PORT = 2; //  u16
const SEQUENCE = 4; //          u32
const ACKNOWLEDGMENT = 8; //    u32, meaningful when ACK is set
const DATA_OFFSET = 12; //      4 bits, header length in 32-bit words
const FLAGS = 13; //            8 bits
const WINDOW = 14; //           u16, scaled by the option of RFC 7323 except in a SYN
const CHECKSUM = 16; //         u16, over pseudo-header, header and payload
const URGENT_POINTER = 18; //   u16

/** Both stand first. */
export const TCP_PORTS_BYTES = 4;
export const TCP_HEADER_MIN_BYTES = 20;
export const TCP_HEADER_MAX_BYTES = 60;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;

export type TcpFault = 'tcp-truncated' | 'tcp-bad-header-length';

/** The one length check: undefined when the header, options included, fits into `available` bytes. */
export function checkTcp(bytes: Uint8Array, offset: number, available: number): TcpFault | undefined {
  if (available < TCP_HEADER_MIN_BYTES) return 'tcp-truncated';
  const headerLength = tcpHeaderLength(bytes, offset);
  if (headerLength < TCP_HEADER_MIN_BYTES) return 'tcp-bad-header-length';
  if (headerLength > available) return 'tcp-truncated';
  return undefined;
}

export const tcpSourcePort = (b: Uint8Array, o: number): number => readU16(b, o + SOURCE_PORT);
export const tcpDestinationPort = (b: Uint8Array, o: number): number => readU16(b, o + DESTINATION_PORT);
export const tcpSequence = (b: Uint8Array, o: number): number => readU32(b, o + SEQUENCE);
export const tcpAcknowledgment = (b: Uint8Array, o: number): number => readU32(b, o + ACKNOWLEDGMENT);
/** Bytes, options included. */
export const tcpHeaderLength = (b: Uint8Array, o: number): number => (b[o + DATA_OFFSET]! >>> 4) * 4;
export const tcpFlags = (b: Uint8Array, o: number): number => b[o + FLAGS]!;
/** As on the wire, unscaled. */
export const tcpWindow = (b: Uint8Array, o: number): number => readU16(b, o + WINDOW);
export const tcpChecksumField = (b: Uint8Array, o: number): number => readU16(b, o + CHECKSUM);

export const putTcpChecksum = (b: Uint8Array, o: number, checksum: number): void =>
  writeU16(b, o + CHECKSUM, checksum);

export interface TcpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Bytes, options included; a multiple of 4. */
  readonly headerLength: number;
  readonly flags: number;
  /** As on the wire, unscaled. */
  readonly window: number;
}

/** Writes the fixed 20 bytes; the checksum is zero until `putTcpChecksum`, options are the caller's. */
export function emitTcp(bytes: Uint8Array, offset: number, fields: TcpFields): void {
  writeU16(bytes, offset + SOURCE_PORT, fields.sourcePort);
  writeU16(bytes, offset + DESTINATION_PORT, fields.destinationPort);
  writeU32(bytes, offset + SEQUENCE, fields.sequence);
  writeU32(bytes, offset + ACKNOWLEDGMENT, fields.acknowledgment);
  bytes[offset + DATA_OFFSET] = (fields.headerLength / 4) << 4;
  bytes[offset + FLAGS] = fields.flags;
  writeU16(bytes, offset + WINDOW, fields.window);
  writeU16(bytes, offset + CHECKSUM, 0);
  writeU16(bytes, offset + URGENT_POINTER, 0);
}
