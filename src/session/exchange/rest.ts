/**
 * What may still come for words that were answered when the next ones go out: so many bytes, and so many writes (PSH), as the test
 * server's answers have at the most. An answer in several writes looks whole behind each of them; what goes on behind the
 * next words would be taken for the answer to those, and those for read.
 */

/** What comes behind a silence of so many times the longest one within an answer, and a moment, is another one. */
const PAUSES = 1.5;
const GRACE_MS = 1;

/** Of a connection with the test server, when it begins. */
export const REST = {
  /** Neither is left when one of them is not. */
  rest_bytes: 0,
  rest_writes: 0,
  /** What came for the latest words, behind the rest of those before. */
  own_bytes: 0,
  own_writes: 0,
};

export type Resting = typeof REST & {
  /** Words were let go in the middle of a write: its end is rest for certain. */
  isTailDue: boolean;
  readonly habits: {
    readonly writesMax: number | undefined;
    readonly longestPause_ms: number;
    longest_bytes(expected_bytes: number, requests: number): number;
  };
};

/** What comes is, for all that is known, still for words that were answered. */
export const isResting = ({ isTailDue, rest_bytes, rest_writes }: Resting): boolean =>
  isTailDue || (rest_bytes > 0 && rest_writes > 0);

/** The latest words were answered, in so many writes of the client's, and the next are said. @param expected_bytes 0: not known */
export function leaveRest(of: Resting, expected_bytes: number, writes: number): void {
  const { habits, own_bytes, own_writes } = of;
  if (own_bytes === 0) return;
  of.rest_bytes = expected_bytes > 0 ? habits.longest_bytes(expected_bytes, writes) - own_bytes : 0;
  of.rest_writes = (habits.writesMax ?? 1) * writes - own_writes;
}

/**
 * Something came: first it is rest, unless it comes later than any answer has gone on.
 *
 * @param ends it ends a write @returns how many bytes of it are not rest
 */
export function behindRest(of: Resting, bytes: number, ends: boolean, silence_ms: number): number {
  if (silence_ms > of.habits.longestPause_ms * PAUSES + GRACE_MS) of.rest_writes = 0;
  const rest_bytes = of.isTailDue ? bytes : isResting(of) ? Math.min(of.rest_bytes, bytes) : 0;
  of.rest_bytes -= rest_bytes;
  of.own_bytes += bytes - rest_bytes;
  if (ends) {
    of.isTailDue = false;
    if (rest_bytes === bytes) of.rest_writes -= 1;
    else of.own_writes += 1;
  }
  return bytes - rest_bytes;
}
