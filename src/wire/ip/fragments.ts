/**
 * Puts fragments of either family together again (RFC 791, section 3.2; RFC 8200, section 4.5): bounded in datagrams, in bytes, and in time. What never
 * becomes whole is given up and counted.
 */
import { putWholeLength, readFragment, wholeHeader } from './fragment';

/** RFC 791 suggests 15 s, RFC 8200 wants 60, Linux waits 30 and 60. */
const WAIT_MAX_S = 30;
/** A datagram that became whole may be captured again elsewhere; its number may soon be another's. */
const AGAIN_MAX_S = 1;
const DATAGRAMS_MAX = 1024;
const HELD_BYTES_MAX = 16 * 1024 * 1024;
const PACKET_BYTES_MAX = 0xffff;

/** Why a datagram was given up. */
export type FragmentFault =
  /** Not all of it came in time. */
  | 'fragments-missing'
  /** Two of its fragments hold the same place, but not the same bytes (RFC 5722 on why it is not guessed which is right). */
  | 'fragments-overlap'
  /** Too many others began after it. */
  | 'fragments-too-many'
  /** It would be longer than any datagram, or a fragment was not captured to its end. */
  | 'fragment-damaged';

interface Fragment {
  readonly from: number;
  readonly to: number;
  /** Its payload. */
  readonly bytes: Uint8Array;
}

interface Datagram {
  readonly beganAt_s: number;
  /** Of the whole packet, as the first fragment has it. */
  header: Uint8Array | undefined;
  /** Of the payload; known once the last fragment is there. */
  length: number | undefined;
  fragments: Fragment[];
  held_bytes: number;
}

export class FragmentTable {
  /** The oldest first. */
  readonly #datagrams = new Map<string, Datagram>();
  /** When those became whole that did last. */
  readonly #done_s = new Map<string, number>();
  #held_bytes = 0;

  /** @param givenUp told once for each datagram, and whether its beginning was seen */
  constructor(private readonly givenUp: (reason: FragmentFault, begun: boolean) => void) {}

  /**
   * Takes a fragment, of which `available` bytes are at `offset`; they are copied.
   *
   * @param timestamp when it was captured, in seconds
   * @returns the whole packet once the last missing fragment is there
   */
  add(bytes: Uint8Array, offset: number, available: number, timestamp: number): Uint8Array | undefined {
    const read = readFragment(bytes, offset, available);
    if (!read) {
      this.givenUp('fragment-damaged', true);
      return undefined;
    }
    const { key, from, more } = read;
    const done_s = this.#done_s.get(key);
    if (done_s !== undefined && Math.abs(timestamp - done_s) <= AGAIN_MAX_S) return undefined;
    this.#expire(key, timestamp);
    const datagram = this.#datagrams.get(key) ?? this.#begin(key, timestamp);
    const payload = bytes.slice(read.payloadFrom, read.payloadTo);
    const fragment = { from, to: from + payload.length, bytes: payload };
    if (from === 0) datagram.header = wholeHeader(read, bytes, offset);
    if (!more) datagram.length = fragment.to;
    const reason = whyNot(datagram, fragment, more);
    if (reason === 'repeated') return undefined;
    if (reason) {
      this.#giveUp(key, datagram, reason);
      return undefined;
    }
    datagram.fragments.push(fragment);
    datagram.held_bytes += payload.length;
    this.#held_bytes += payload.length;
    const whole = wholeOf(datagram);
    if (whole) this.#finish(key, datagram, timestamp);
    else this.#bound();
    return whole;
  }

  /** Nothing more comes. */
  end(): void {
    this.#giveUpWhile(() => true, 'fragments-missing');
  }

  #begin(key: string, timestamp: number): Datagram {
    const datagram: Datagram = {
      beganAt_s: timestamp,
      header: undefined,
      length: undefined,
      fragments: [],
      held_bytes: 0,
    };
    this.#datagrams.set(key, datagram);
    return datagram;
  }

  /** One packet with a wrong time must not end the others: only its own datagram is found too old. */
  #expire(key: string, timestamp: number): void {
    const datagram = this.#datagrams.get(key);
    if (datagram && timestamp - datagram.beganAt_s > WAIT_MAX_S)
      this.#giveUp(key, datagram, 'fragments-missing');
  }

  #bound(): void {
    const tooMuch = (): boolean => this.#datagrams.size > DATAGRAMS_MAX || this.#held_bytes > HELD_BYTES_MAX;
    this.#giveUpWhile(tooMuch, 'fragments-too-many');
  }

  /** From the oldest on. */
  #giveUpWhile(unwanted: (datagram: Datagram) => boolean, reason: FragmentFault): void {
    for (const [key, datagram] of this.#datagrams) {
      if (!unwanted(datagram)) return;
      this.#giveUp(key, datagram, reason);
    }
  }

  #giveUp(key: string, datagram: Datagram, reason: FragmentFault): void {
    this.#forget(key, datagram);
    this.givenUp(reason, datagram.header !== undefined);
  }

  #finish(key: string, datagram: Datagram, timestamp: number): void {
    this.#forget(key, datagram);
    this.#done_s.delete(key);
    this.#done_s.set(key, timestamp);
    for (const [oldest] of this.#done_s) {
      if (this.#done_s.size <= DATAGRAMS_MAX) break;
      this.#done_s.delete(oldest);
    }
  }

  #forget(key: string, datagram: Datagram): void {
    this.#datagrams.delete(key);
    this.#held_bytes -= datagram.held_bytes;
  }
}

function whyNot(
  datagram: Datagram,
  fragment: Fragment,
  more: boolean,
): FragmentFault | 'repeated' | undefined {
  const { from, to } = fragment;
  const length = datagram.length ?? PACKET_BYTES_MAX;
  if (to > length || from === to || (more && (to - from) % 8 !== 0)) return 'fragment-damaged';
  const touched = datagram.fragments.filter((other) => other.from < to && from < other.to);
  if (touched.length === 0) return undefined;
  const same = touched.some((other) => other.from === from && sameBytes(other.bytes, fragment.bytes));
  return same ? 'repeated' : 'fragments-overlap';
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

function wholeOf({ header, length, fragments }: Datagram): Uint8Array | undefined {
  if (!header || length === undefined) return undefined;
  const there = fragments.reduce((sum, { from, to }) => sum + to - from, 0);
  if (there < length) return undefined;
  const packet = new Uint8Array(header.length + length);
  packet.set(header);
  for (const { from, bytes } of fragments) packet.set(bytes, header.length + from);
  putWholeLength(packet);
  return packet;
}
