/** TCP options (RFC 9293, section 3.2; the list of kinds is IANA's "TCP Option Kind Numbers"). */
import { readU16, writeU16 } from './big-endian';
import { TCP_HEADER_MIN_BYTES, tcpHeaderLength } from './tcp';

const END_OF_LIST = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2; // RFC 9293, section 3.7.1: length 4, u16 bytes
const WINDOW_SCALE = 3; //         RFC 7323, section 2.2: length 3, u8 shift

/** RFC 7323, section 2.3: a larger shift is taken as 14. */
const WINDOW_SCALE_MAX = 14;

export interface SynOptions {
  /** Bytes of payload that the sender of the option accepts in a segment. */
  readonly maximumSegmentSize: number | undefined;
  /** Shift for the windows that the sender of the option advertises; undefined when it does not scale. */
  readonly windowScale: number | undefined;
}

/** Reads the options that a SYN negotiates; others are passed over, and a malformed list ends where it breaks. */
export function readSynOptions(bytes: Uint8Array, tcpOffset: number): SynOptions {
  let maximumSegmentSize: number | undefined;
  let windowScale: number | undefined;
  const end = tcpOffset + tcpHeaderLength(bytes, tcpOffset);
  let length = 0;
  for (let at = tcpOffset + TCP_HEADER_MIN_BYTES; at < end; at += length) {
    length = optionLength(bytes, at, end);
    if (length === 0) break;
    const kind = bytes[at]!;
    if (kind === MAXIMUM_SEGMENT_SIZE && length === 4) maximumSegmentSize = readU16(bytes, at + 2);
    if (kind === WINDOW_SCALE && length === 3) windowScale = Math.min(bytes[at + 2]!, WINDOW_SCALE_MAX);
  }
  return { maximumSegmentSize, windowScale };
}

/** Where the first option of a kind begins, whole as far as its length says; undefined when there is none. */
export function findOption(bytes: Uint8Array, tcpOffset: number, wanted: number): number | undefined {
  const end = tcpOffset + tcpHeaderLength(bytes, tcpOffset);
  let length = 0;
  for (let at = tcpOffset + TCP_HEADER_MIN_BYTES; at < end; at += length) {
    length = optionLength(bytes, at, end);
    if (length === 0) return undefined;
    if (bytes[at] === wanted) return at;
  }
  return undefined;
}

/** Each option of the list in turn, padding left out; ends where the list breaks. */
export function eachOption(
  bytes: Uint8Array,
  tcpOffset: number,
  visit: (kind: number, at: number, length: number) => void,
): void {
  const end = tcpOffset + tcpHeaderLength(bytes, tcpOffset);
  let length = 0;
  for (let at = tcpOffset + TCP_HEADER_MIN_BYTES; at < end; at += length) {
    length = optionLength(bytes, at, end);
    if (length === 0) return;
    if (bytes[at] !== NO_OPERATION) visit(bytes[at]!, at, length);
  }
}

/** Of the option at `at`, its kind included; 0 where the list ends, or breaks. @param end of the list */
function optionLength(bytes: Uint8Array, at: number, end: number): number {
  const kind = bytes[at]!;
  if (kind === END_OF_LIST) return 0;
  if (kind === NO_OPERATION) return 1;
  const length = at + 1 < end ? bytes[at + 1]! : 0;
  return length < 2 || at + length > end ? 0 : length;
}

/** Writes the options padded with No-Operation to a multiple of 4; returns their length in bytes. */
export function emitSynOptions(bytes: Uint8Array, offset: number, options: SynOptions): number {
  let at = offset;
  if (options.maximumSegmentSize !== undefined) {
    bytes[at] = MAXIMUM_SEGMENT_SIZE;
    bytes[at + 1] = 4;
    writeU16(bytes, at + 2, options.maximumSegmentSize);
    at += 4;
  }
  if (options.windowScale !== undefined) {
    bytes[at] = NO_OPERATION;
    bytes[at + 1] = WINDOW_SCALE;
    bytes[at + 2] = 3;
    bytes[at + 3] = options.windowScale;
    at += 4;
  }
  return at - offset;
}
