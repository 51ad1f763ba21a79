/**
 * An address of either family as one number, which can be compared, be a key, and be a part of one. Nothing but this room
 * and the headers' own files knows families.
 *
 * IPv4: the 32 bits in host order. IPv6: 2^32 and a handle (`address-book`): whoever keeps such a number beyond the
 * call in which it got it holds it, as the tables of connections do by themselves. All are below 2^33.
 */
import { readU16, readU32, writeU16, writeU32 } from '../big-endian';
import { AddressBook } from './address-book';

export type Address = number;
export type Family = 4 | 6;
export const FAMILIES: readonly Family[] = [4, 6];

const FIRST_IPV6 = 2 ** 32;
export const IPV6_ADDRESS_BYTES = 16;
const IPV6_GROUPS = 8;

const book = new AddressBook();
const scratch = new Uint8Array(IPV6_ADDRESS_BYTES);

export const isIpv6 = (address: Address): boolean => address >= FIRST_IPV6;
export const familyOf = (address: Address): Family => (isIpv6(address) ? 6 : 4);

/** One holder more; nothing to do for IPv4. */
export function holdAddress(address: Address): void {
  if (address >= FIRST_IPV6) book.hold(address - FIRST_IPV6);
}
export function letGoOfAddress(address: Address): void {
  if (address >= FIRST_IPV6) book.letGo(address - FIRST_IPV6);
}

/** @returns the address in the 16 bytes at `at`; undefined while there are more addresses held than can be */
export function readIpv6Address(bytes: Uint8Array, at: number): Address | undefined {
  const handle = book.handleOf(bytes, at);
  return handle === undefined ? undefined : FIRST_IPV6 + handle;
}

/** Writes 16 bytes. */
export const writeIpv6Address = (bytes: Uint8Array, at: number, address: Address): void =>
  book.write(address - FIRST_IPV6, bytes, at);

/** An IPv4-mapped address (RFC 4291, section 2.5.5.2) stands at `at`: it is never on the wire. */
export const isMappedAt = (bytes: Uint8Array, at: number): boolean =>
  readU32(bytes, at + 8) === 0xffff && readU32(bytes, at) === 0 && readU32(bytes, at + 4) === 0;

/** Reads what `writeAnyAddress` wrote. */
export const readAnyAddress = (bytes: Uint8Array, at: number): Address | undefined =>
  isMappedAt(bytes, at) ? readU32(bytes, at + 12) : readIpv6Address(bytes, at);

/** Writes 16 bytes for an address of either family: IPv4 is mapped into IPv6. */
export function writeAnyAddress(bytes: Uint8Array, at: number, address: Address): void {
  if (address >= FIRST_IPV6) {
    writeIpv6Address(bytes, at, address);
    return;
  }
  // Word by word: `fill` would cost several times as much, for each reply.
  writeU32(bytes, at, 0);
  writeU32(bytes, at + 4, 0);
  writeU32(bytes, at + 8, 0xffff);
  writeU32(bytes, at + 12, address);
}

/** One word that stands for the address wherever a program or the kernel's filter meets it: IPv6's four words, one xor the other. */
export function wordOf(address: Address): number {
  if (address < FIRST_IPV6) return address;
  const handle = address - FIRST_IPV6;
  return (book.word(handle, 0) ^ book.word(handle, 1) ^ book.word(handle, 2) ^ book.word(handle, 3)) >>> 0;
}

/** What it adds to the sum of a pseudo-header: its 16-bit words, not folded. */
export function sumOf(address: Address): number {
  if (address < FIRST_IPV6) return (address >>> 16) + (address & 0xffff);
  const handle = address - FIRST_IPV6;
  let sum = 0;
  for (let at = 0; at < 4; at += 1) {
    const word = book.word(handle, at);
    sum += (word >>> 16) + (word & 0xffff);
  }
  return sum;
}

/** Of 127.0.0.0/8 (RFC 1122, section 3.2.1.3), or ::1 (RFC 4291, section 2.5.3). */
export function isLoopback(address: Address): boolean {
  if (address < FIRST_IPV6) return address >>> 24 === 127;
  const handle = address - FIRST_IPV6;
  return (
    book.word(handle, 3) === 1 && wordOf(address) === 1 && (book.word(handle, 0) | book.word(handle, 1)) === 0
  );
}

/** Of fe80::/10 (RFC 4291, section 2.5.6): it means something on one link only. */
export const isLinkLocal = (address: Address): boolean =>
  address >= FIRST_IPV6 && book.word(address - FIRST_IPV6, 0) >>> 22 === 0xfe80 >>> 6;

/** Whether the first bits are the same. @param other of the same family @param bits 0 to 32, or to 128 */
export function sharesBits(address: Address, other: Address, bits: number): boolean {
  if (address < FIRST_IPV6) return bits === 0 || (address ^ other) >>> (32 - bits) === 0;
  for (let word = 0; word * 32 < bits; word += 1) {
    const difference = book.word(address - FIRST_IPV6, word) ^ book.word(other - FIRST_IPV6, word);
    const left = bits - word * 32;
    if (left >= 32 ? difference !== 0 : difference >>> (32 - left) !== 0) return false;
  }
  return true;
}

/** Dotted decimal, or as RFC 5952 wants it. */
export function formatAddress(address: Address): string {
  if (address < FIRST_IPV6)
    return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
  writeIpv6Address(scratch, 0, address);
  return formatIpv6(scratch, 0);
}

/** RFC 5952: lower case, the longest run of two or more zero groups as `::`, the first one of several as long. */
export function formatIpv6(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: IPV6_GROUPS }, (_, group) => readU16(bytes, at + 2 * group));
  let [first, length] = [0, 1];
  for (let start = 0; start < IPV6_GROUPS; start += 1) {
    let end = start;
    while (groups[end] === 0) end += 1;
    if (end - start > length) [first, length] = [start, end - start];
  }
  const text = (some: number[]): string => some.map((group) => group.toString(16)).join(':');
  if (length === 1) return text(groups);
  return `${text(groups.slice(0, first))}::${text(groups.slice(first + length))}`;
}

/**
 * Host order, or undefined when `text` is neither four decimal numbers of 0 to 255 without leading zeros, nor an IPv6 address
 * (without a zone). What is written somewhere is held for good.
 */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  const address = bytes && readAnyAddress(bytes, 0);
  if (address !== undefined) holdAddress(address);
  return address;
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

/** @returns 16 bytes; undefined when the text is none (RFC 4291, section 2.2) or names a zone */
export function parseIpv6(text: string): Uint8Array | undefined {
  const [before, behind, ...more] = text.split('::').map((part) => (part === '' ? [] : part.split(':')));
  if (more.length > 0) return undefined;
  const written = [...before!, ...(behind ?? [])];
  const quad = written.at(-1)?.includes('.') ? parseIpv4(written.at(-1)!) : undefined;
  // Nothing may stand behind a dotted quad, not even zeros.
  if (quad !== undefined && behind?.length !== 0)
    written.splice(-1, 1, toGroup(quad >>> 16), toGroup(quad & 0xffff));
  const zeros = IPV6_GROUPS - written.length;
  if (behind ? zeros < 1 : zeros !== 0) return undefined;
  if (!written.every((group) => GROUP.test(group))) return undefined;
  const groups = written.toSpliced(before!.length, 0, ...new Array<string>(zeros).fill('0'));
  const bytes = new Uint8Array(IPV6_ADDRESS_BYTES);
  for (const [index, group] of groups.entries()) writeU16(bytes, 2 * index, Number.parseInt(group, 16));
  return bytes;
}

const GROUP = /^[\da-f]{1,4}$/i;
const toGroup = (word: number): string => word.toString(16);
