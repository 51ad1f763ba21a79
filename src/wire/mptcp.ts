/**
 * Multipath TCP (RFC 8684, and its version 0: RFC 6824): the option that begins such a connection, and the one by which a
 * further subflow joins it. A subflow names its connection by a token of the key that the server gave it.
 */
import { createHash } from 'node:crypto';
import { readU32 } from './big-endian';
import { findOption } from './tcp-options';

/** IANA, "TCP Option Kind Numbers". */
const MPTCP = 30;
/** u4 subtype, and u4 version or flags. */
const SUBTYPE = 2;

const MP_CAPABLE = 0;
const MP_JOIN = 1;

const KEY_BYTES = 8;
const SENDER_KEY = 4;
const RECEIVER_KEY = SENDER_KEY + KEY_BYTES;

/** Only a SYN's has a token: address and flags, then the token and a random number. */
const JOIN_SYN_BYTES = 12;
const TOKEN = 4;

export type MptcpOption =
  | {
      readonly kind: 'capable';
      readonly version: number;
      /** u64, of who sent the option; a SYN of version 1 has none. */
      readonly senderKey: bigint | undefined;
      /** u64, of who it is for: from the client's first acknowledgment on, the server's key. */
      readonly receiverKey: bigint | undefined;
    }
  | {
      readonly kind: 'join';
      /** u32, of the receiver's key. Undefined but in a SYN without ACK. */
      readonly token: number | undefined;
    }
  /** Of a connection that has begun. */
  | { readonly kind: 'other'; readonly subtype: number };

/** The first option of Multipath TCP in a segment's header; undefined where there is none, or none that is whole. */
export function readMptcp(bytes: Uint8Array, tcpOffset: number): MptcpOption | undefined {
  const at = findOption(bytes, tcpOffset, MPTCP);
  if (at === undefined) return undefined;
  const length = bytes[at + 1]!;
  if (length <= SUBTYPE) return undefined;
  const subtype = bytes[at + SUBTYPE]! >>> 4;
  if (subtype === MP_CAPABLE) {
    const keyAt = (place: number): bigint | undefined =>
      length >= place + KEY_BYTES ? readKey(bytes, at + place) : undefined;
    const version = bytes[at + SUBTYPE]! & 0x0f;
    return { kind: 'capable', version, senderKey: keyAt(SENDER_KEY), receiverKey: keyAt(RECEIVER_KEY) };
  }
  if (subtype !== MP_JOIN) return { kind: 'other', subtype };
  return { kind: 'join', token: length === JOIN_SYN_BYTES ? readU32(bytes, at + TOKEN) : undefined };
}

const readKey = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(readU32(bytes, at)) << 32n) | BigInt(readU32(bytes, at + 4));

/**
 * What a subflow names the connection by: the first 32 bits of the key's hash (RFC 8684, section 3.2).
 *
 * @param key u64 @returns u32
 */
export function mptcpToken(key: bigint, version: number): number {
  const bytes = Buffer.alloc(KEY_BYTES);
  bytes.writeBigUInt64BE(key);
  return createHash(version === 0 ? 'sha1' : 'sha256')
    .update(bytes)
    .digest()
    .readUInt32BE(0);
}
