/**
 * Which requests of a connection the test server has not answered: where it closes, they are in doubt.
 *
 * Mostly there is one, the latest. There are more where words went out though an answer was missed: the test server's kernel
 * acknowledges all of them, and nobody sees how many of them its program has read.
 */
export interface Due {
  /** Where it begins in the client's stream. */
  readonly from: number;
  /** How long the online server's answer was. */
  readonly expected_bytes: number;
}
export const NO_EARLIER: readonly Due[] = [];
/** Requests whose places are known while none of them is answered. */
const EARLIER_MAX = 63;

/** Of a connection with the test server, when it begins; stream offsets. */
export const DUE = {
  /** Where the latest words begin in the client's stream; below 0 before any were said. */
  wordsFrom: -1,
  /** Where they go on behind their first write, without the client having read in between, and in how many writes; or 0. */
  moreFrom: 0,
  moreWrites: 0,
  /** Up to where payload has acknowledged the client's stream. */
  payloadAcknowledged: 1,
  /** Up to where the client's stream has drawn an answer: payload that acknowledges it; and requests said behind that. */
  drawnUntil: 1,
  due: 0,
  /** How long the online server's answer was to the latest words; 0 when the client did not wait for it. */
  expected_bytes: 0,
  /** What came for the first of several that are due, and in how many writes that ended. */
  credit_bytes: 0,
  credit_writes: 0,
  /** What came since the latest words, and answered requests before them. */
  earlier_bytes: 0,
  /** Payload of the connection so far, and when the latest words were said. */
  received_bytes: 0,
  receivedBefore_bytes: 0,
};

export type DueRequests = typeof DUE & {
  readonly habits: {
    readonly answersShorter: boolean;
    longest_bytes(expected_bytes: number): number;
    lasted(bytes: number, expected_bytes: number): void;
  };
  /** In their order, without the latest one; of very many only the last of them. */
  earlierDue: readonly Due[];
  /** Words were let go behind an answer whose last segment had not come. */
  isTailDue: boolean;
};

/** Another request is said: `wordsFrom` is still the one before. */
export function isDue(of: DueRequests): void {
  if (of.due === 0 && of.expected_bytes > 0)
    of.habits.lasted(of.received_bytes - of.receivedBefore_bytes, of.expected_bytes);
  of.receivedBefore_bytes = of.received_bytes;
  if (of.due > 0) {
    const latest = { from: of.wordsFrom, expected_bytes: of.expected_bytes };
    of.earlierDue = [...of.earlierDue.slice(-EARLIER_MAX), latest];
  }
  of.expected_bytes = of.earlier_bytes = of.moreFrom = of.moreWrites = 0;
  of.due += 1;
}

/** The latest words go on with another write: a client that pipelines says another request. */
export function goneOn(of: DueRequests, offset: number): void {
  if (of.moreFrom === 0) of.moreFrom = offset;
  of.moreWrites += 1;
}

/** What has come answers only some of the latest words: if they were several writes, all behind the first are in doubt. */
export function isPartlyDue(of: DueRequests): void {
  if (of.moreFrom === 0 || of.due > 0) return;
  of.due = of.moreWrites;
  of.drawnUntil = of.moreFrom;
}

/** It ends an answer behind which the next words were let go before it was over. */
export function tail(of: DueRequests, bytes: number, ends: boolean): void {
  of.earlier_bytes += bytes;
  if (ends) of.isTailDue = false;
}

/**
 * Several requests are due, and what comes answers the first of them, or is a part of that answer. Where answers are as long as
 * the online server's, to the byte, it is known how many came; else each write (PSH) is at most one: an answer's first bytes
 * may be a write of their own, as where a kernel's buffer was full, so that it is as long as answers are at the longest.
 */
export function credit(of: DueRequests, bytes: number, ends: boolean): void {
  if (of.payloadAcknowledged <= of.earlierDue[0]!.from) return;
  of.credit_bytes += bytes;
  if (!ends) return;
  of.credit_writes += 1;
  const answered = Math.min(answeredBy(of), of.due - 1);
  if (answered === 0) return;
  const forgotten = of.due - 1 - of.earlierDue.length;
  of.due -= answered;
  of.earlier_bytes += of.credit_bytes;
  of.credit_bytes = of.credit_writes = 0;
  if (answered <= forgotten) return;
  of.earlierDue = of.earlierDue.slice(answered - forgotten);
  of.drawnUntil = Math.max(of.drawnUntil, of.earlierDue[0]?.from ?? of.wordsFrom);
}

/** How many of the requests that are due. */
function answeredBy({ credit_bytes, credit_writes, due, earlierDue, habits }: DueRequests): number {
  if (habits.answersShorter || due - 1 > earlierDue.length) return credit_writes;
  const longest_bytes = habits.longest_bytes(earlierDue[0]!.expected_bytes);
  let expected_bytes = 0;
  for (const [index, one] of earlierDue.entries()) {
    expected_bytes += one.expected_bytes;
    if (expected_bytes === credit_bytes) return index + 1;
    // What is longer may come to any sum.
    if (expected_bytes > credit_bytes || longest_bytes > expected_bytes) break;
  }
  return credit_bytes >= longest_bytes ? 1 : 0;
}

/** What stands before `until` was answered. */
export function drawn(of: DueRequests, until: number): void {
  if (until <= of.drawnUntil) return;
  of.drawnUntil = until;
  const { earlierDue } = of;
  of.credit_bytes = of.credit_writes = 0;
  if (until > of.wordsFrom) {
    of.due = 0;
    of.earlierDue = NO_EARLIER;
  } else if (earlierDue.length > 0 && earlierDue[0]!.from < until) {
    of.earlierDue = earlierDue.filter(({ from }) => from >= until);
    of.due = of.earlierDue.length + 1;
  }
}
