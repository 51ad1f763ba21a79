/** Where two streams of bytes begin to differ, and how. What the bytes mean is not asked. */

/**
 * `missing`: bytes were left out. `duplicated`: bytes came once more. `altered`: others came in their place.
 * `unexpected`: bytes came that nobody said.
 */
export type DifferenceKind = 'missing' | 'duplicated' | 'altered' | 'unexpected';

export interface Difference {
  readonly kind: DifferenceKind;
  /** Offset of the first byte that differs, in what the client said. */
  readonly at: number;
  /** How many bytes it is about, as far as the streams are seen to agree again behind it. */
  readonly bytes: number;
}

/** Streams agree again where so many bytes do. */
const AGREEING_BYTES = 24;
/** How many bytes of two messages are alike by chance, or because both begin with a short length. */
const ALIKE_BYTES = 8;
/** How far it is looked for that place. */
const WITHIN_BYTES = 2 ** 20;

/**
 * Undefined when they are equal.
 *
 * @param said what the client said
 * @param from offset from which they are compared; what is before is known to be equal
 * @param arrived what came in the place of `said` from that offset on
 */
export function differenceOf(said: Buffer, from: number, arrived: Buffer): Difference | undefined {
  const equal = commonPrefix(said, from, arrived);
  const at = from + equal;
  const rest = arrived.subarray(equal);
  const wanted = said.length - at;
  if (wanted === 0 && rest.length === 0) return undefined;
  if (rest.length === 0) return { kind: 'missing', at, bytes: wanted };
  if (wanted === 0) return { kind: surplusKind(said, at, rest, rest.length), at, bytes: rest.length };

  const altered = alteredBytes(said.subarray(at), rest);
  const repeated = repetitionAt(said, at, rest);
  // What follows may have had to give way to it. In what repeats itself anyway, little is altered.
  if (repeated && (altered ?? repeated.bytes) * 2 >= repeated.bytes) return repeated;
  if (altered !== undefined) return { kind: 'altered', at, bytes: altered };
  const skipped = placeOf(rest, said, at + 1);
  if (skipped !== undefined) return { kind: 'missing', at, bytes: skipped - at };
  const inserted = placeOf(said.subarray(at), rest, 1);
  if (inserted !== undefined) return { kind: surplusKind(said, at, rest, inserted), at, bytes: inserted };
  return { kind: 'altered', at, bytes: Math.min(wanted, rest.length) };
}

/** Of how many bytes both agree, from an offset in the first. */
export function commonPrefix(said: Buffer, from: number, arrived: Buffer): number {
  const end = Math.min(said.length - from, arrived.length);
  // Whole blocks first: comparing bytes one by one is slow.
  let at = 0;
  for (const block of [2 ** 16, 2 ** 8, 1])
    while (at + block <= end && said.compare(arrived, at, at + block, from + at, from + at + block) === 0)
      at += block;
  return at;
}

/** How many bytes others have taken the place of; undefined when the streams do not agree again at the same distance. */
function alteredBytes(wanted: Buffer, rest: Buffer): number | undefined {
  const end = Math.min(wanted.length, rest.length, WITHIN_BYTES);
  let run = 0;
  let last = 0;
  for (let at = 0; at < end && run < AGREEING_BYTES; at += 1) {
    if (wanted[at] === rest[at]) run += 1;
    else {
      run = 0;
      last = at;
    }
  }
  const agreesToTheEnd = wanted.length === rest.length && run > 0;
  return run === AGREEING_BYTES || agreesToTheEnd || wanted.length === rest.length ? last + 1 : undefined;
}

/** What was said just before, and came once more in the place of what should follow; its first bytes may be those of both. */
function repetitionAt(said: Buffer, at: number, rest: Buffer): Difference | undefined {
  for (let alike = 0; alike <= Math.min(at, ALIKE_BYTES); alike += 1) {
    const place = at - alike;
    const came = Buffer.concat([said.subarray(place, at), rest.subarray(0, WITHIN_BYTES)]);
    const bytes = repeatedBytes(said.subarray(Math.max(0, place - WITHIN_BYTES), place), came);
    if (bytes > 0) return { kind: 'duplicated', at: place, bytes };
  }
  return undefined;
}

/** How many of the last bytes of `before` come again; 0 where too few of them agree. */
function repeatedBytes(before: Buffer, came: Buffer): number {
  if (Math.min(before.length, came.length) < AGREEING_BYTES) return 0;
  const first = before.lastIndexOf(came.subarray(0, AGREEING_BYTES));
  const bytes = before.length - first;
  if (first < 0 || bytes > came.length) return 0;
  return before.compare(came, 0, bytes, first) === 0 ? bytes : 0;
}

/** Where in `whole`, from an offset on, `part` begins; undefined when it is not found. */
function placeOf(part: Buffer, whole: Buffer, from: number): number | undefined {
  const probe = part.subarray(0, AGREEING_BYTES);
  const found = whole.subarray(0, from + WITHIN_BYTES).indexOf(probe, from);
  return found < 0 ? undefined : found;
}

/** Whether the first `count` bytes of what came are what had come just before. */
function surplusKind(said: Buffer, at: number, rest: Buffer, count: number): DifferenceKind {
  const isAgain = count <= at && said.compare(rest, 0, count, at - count, at) === 0;
  return isAgain ? 'duplicated' : 'unexpected';
}
