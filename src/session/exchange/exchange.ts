/**
 * When the client's next words may go to the test server: after the answer that the client had seen when it spoke.
 *
 * A client that sends while its acknowledgment stands still continues or pipelines, and is not held up. One whose
 * acknowledgment moved had read something of the online server: the copy waits until the test server has sent as much.
 * Identical answers make that exact, and it adds no round trip. Where the test server's answer is shorter, it counts as
 * come when it ended with PSH or FIN and then was silent for a moment; how much shorter is remembered, so that the next
 * such answer is recognised at once. A test server that sends nothing at all is waited for up to a limit, so that no
 * protocol can stall.
 */

/** How long to wait where the test server's answer is not what the online server's was. */
export interface Patience {
  /** Silence behind an answer that ended (with PSH) and is at least half as long as expected. */
  readonly like_ms: number;
  /** Silence behind one that ended and is much shorter. */
  readonly unlike_ms: number;
  /** The longest wait for a test server that says nothing, or stops in the middle. */
  readonly silence_ms: number;
  /** Silence that is asked for even behind an answer of the expected length. */
  readonly settle_ms: number;
}

/** The next words of a client: late ones hold up everything behind them, early ones are only pipelined. */
export const FOR_WORDS: Patience = { like_ms: 2, unlike_ms: 200, silence_ms: 5000, settle_ms: 0 };

/** The end of a connection: a late one holds up nothing, an early one can cut off an answer, and its request. */
export const FOR_ENDING: Patience = { like_ms: 1000, unlike_ms: 30_000, silence_ms: 30_000, settle_ms: 0 };

/** A reset also throws away what the test server has not read yet: it waits until nothing moves any more. */
export const FOR_RESET: Patience = { ...FOR_ENDING, like_ms: 30_000, settle_ms: 100 };

const LIKE_SHARE = 0.5;
/** More than this is no answer that a client has yet to read. */
const SURPLUS_MAX_BYTES = 256 * 1024;
/** How quickly a remembered difference is forgotten when answers turn out whole. */
const TOLERANCE_DECAY = 0.875;

/** A time that is waited from, when `by_ms` until now do not count; one that never was stays. */
export const postponed = (since_ms: number, by_ms: number, now_ms: number): number =>
  Number.isFinite(since_ms) ? Math.min(since_ms + by_ms, now_ms) : since_ms;

/** Told when something goes out although its answer never came. */
export interface UnansweredCounter {
  countUnanswered(): void;
}

/** What a session begins with; positions are stream offsets. */
export const EXCHANGE = {
  /** Where the answer to the current words began: in the online server's stream, and in the test server's. */
  onlineFrom: 1,
  testFrom: 1,
  /** Where the client began. */
  onlineStart: 1,
  /** What earlier answers were short of: it may still come, and then is no part of the current answer. */
  owed_bytes: 0,
  /**
   * What the test server has sent beyond what the client had read when it spoke: answers to words that it said before.
   * Only trusted once the test server has spoken again, for its answers may just as well be longer ones.
   */
  surplus_bytes: 0,
  /** By how much the test server's answers use to be shorter. */
  tolerance_bytes: 0,
  lastHeard_ms: -Infinity,
  lastResponse_ms: -Infinity,
  /** Since when the current words wait; Infinity when none do. */
  waitingSince_ms: Infinity,
};

export type Exchange = typeof EXCHANGE & {
  /** Words were held back and let go. */
  exchangeOpened: boolean;
  /** The test server's last segment carried PSH or FIN. */
  lastResponseEnds: boolean;
  readonly host: UnansweredCounter;
};

/** The client stood at `onlineAcknowledged`: until words were held back or let go, the lowest is where it began. */
export function begin(of: Exchange, onlineAcknowledged: number): void {
  if (onlineAcknowledged < of.onlineStart) of.onlineStart = onlineAcknowledged;
  if (!of.exchangeOpened) of.onlineFrom = of.onlineStart;
}

/** Nothing could be said or heard for so long, until now. */
export function postpone(of: Exchange, by_ms: number, now_ms: number): void {
  of.lastHeard_ms = postponed(of.lastHeard_ms, by_ms, now_ms);
  of.lastResponse_ms = postponed(of.lastResponse_ms, by_ms, now_ms);
  of.waitingSince_ms = postponed(of.waitingSince_ms, by_ms, now_ms);
}

/** The test server said anything, be it an acknowledgment. */
export function heard(of: Exchange, now_ms: number): void {
  of.lastHeard_ms = now_ms;
}

/** The test server's stream moved on. @param ends the segment carried PSH or FIN */
export function responded(of: Exchange, ends: boolean, now_ms: number): void {
  of.lastResponse_ms = now_ms;
  of.lastResponseEnds = ends;
}

/**
 * May the connection end, the client having read the online server's stream up to `onlineAcknowledged`? All answers
 * count together: which of them were pipelined does not matter any more.
 *
 * @returns as `holdUntil_ms`
 */
export function holdEndUntil_ms(
  of: Exchange,
  onlineAcknowledged: number,
  testNext: number,
  patience: Patience,
  now_ms: number,
): number | undefined {
  const expected_bytes = onlineAcknowledged - of.onlineStart;
  const received_bytes = testNext - 1;
  const short_bytes = expected_bytes - received_bytes;
  const openAt_ms = opensAt_ms(of, expected_bytes, received_bytes, short_bytes, patience, now_ms);
  return now_ms < openAt_ms ? openAt_ms : undefined;
}

/**
 * May words that were said at `onlineAcknowledged` go out now, with the test server's stream at `testNext`?
 *
 * @returns undefined when they may, else the time in milliseconds at which to ask again at the latest
 */
export function holdUntil_ms(
  of: Exchange,
  onlineAcknowledged: number,
  testNext: number,
  now_ms: number,
): number | undefined {
  const expected_bytes = onlineAcknowledged - of.onlineFrom;
  if (expected_bytes <= 0) return undefined;
  const received_bytes = testNext - of.testFrom;
  const short_bytes = expected_bytes + of.owed_bytes - received_bytes;
  const openAt_ms = opensAt_ms(of, expected_bytes, received_bytes, short_bytes, FOR_WORDS, now_ms);
  if (now_ms < openAt_ms) return openAt_ms;

  const lacking_bytes = short_bytes - of.surplus_bytes;
  if (lacking_bytes <= 0) of.tolerance_bytes *= TOLERANCE_DECAY;
  else of.tolerance_bytes = Math.max(of.tolerance_bytes, lacking_bytes);
  of.owed_bytes = Math.max(0, expected_bytes - received_bytes - of.surplus_bytes);
  of.surplus_bytes = Math.min(Math.max(0, -lacking_bytes), SURPLUS_MAX_BYTES);
  of.exchangeOpened = true;
  of.onlineFrom = onlineAcknowledged;
  of.testFrom = testNext;
  of.waitingSince_ms = Infinity;
  return undefined;
}

function opensAt_ms(
  of: Exchange,
  expected_bytes: number,
  received_bytes: number,
  short_bytes: number,
  patience: Patience,
  now_ms: number,
): number {
  const quietSince_ms = patience === FOR_WORDS ? of.lastResponse_ms : of.lastHeard_ms;
  if (short_bytes <= 0) return quietSince_ms + patience.settle_ms;
  of.waitingSince_ms = Math.min(of.waitingSince_ms, now_ms);
  const ended = of.lastResponseEnds && received_bytes > 0;
  if (ended && patience === FOR_WORDS && short_bytes <= of.surplus_bytes) return now_ms;
  const like = ended && short_bytes <= expected_bytes * (1 - LIKE_SHARE);
  if (like && patience === FOR_WORDS && short_bytes <= of.tolerance_bytes) return now_ms;
  if (like) return quietSince_ms + patience.like_ms;
  const since_ms = Math.max(of.waitingSince_ms, quietSince_ms);
  const openAt_ms = since_ms + (ended ? patience.unlike_ms : patience.silence_ms);
  if (now_ms >= openAt_ms) of.host.countUnanswered();
  return openAt_ms;
}
