/**
 * How long the test server took for a request: from its last byte, when that went out for the first time, to the first and to
 * the last payload of the answer, when the test server gave them. Only headers are known, and no protocol: a request is what a client says
 * after it has read something, and its answer is all payload that acknowledges a part of it and comes before the next request.
 *
 * Each request that is said is told of once: how long it took, or why that is not known.
 */

/** Why there is no response time of a request. */
export const MISSING_REASONS = [
  /** The next request went out first: what came later may answer either. */
  'overtaken',
  /** The test server closed the connection, and had said nothing to it. */
  'closed',
  /** The test server reset the connection, and had said nothing to it. */
  'reset',
  /** The copy came to its end, and the test server had said nothing to it. */
  'never',
  /** The copy was given up before. */
  'given-up',
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];

/** Of these, what the test server did, and no copy. */
export const LEFT_REASONS = ['closed', 'reset', 'never'] as const satisfies readonly MissingReason[];
export type LeftReason = (typeof LEFT_REASONS)[number];
const isLeft = (reason: Pairing): reason is LeftReason =>
  (LEFT_REASONS as readonly string[]).includes(reason);

/** What the test server did with a request of which the online server is asked the same. */
type Pairing = 'none' | 'timed' | MissingReason;

/** Of a session, whatever its connections: numbers, as all of it. */
export const PAIRING = {
  /** Where the client's reading stood when it said the request that went out last. */
  askedAtRead: 0,
  /** The same of a request that the test server is done with, and the online server perhaps not; and what became of it there. */
  openAtRead: 0,
  openOutcome: 0,
};

/** By `openOutcome`. */
const PAIRINGS: readonly Pairing[] = ['none', 'timed', ...MISSING_REASONS];

/** Of a connection with the test server, when it begins. */
export const ANSWERING = {
  /** Where in the client's stream the request begins that is timed; below 0 when none is. */
  askedFrom: -1,
  /** When the last of its bytes so far went out for the first time. */
  askedAt_ms: 0,
  /** When the first of them did. */
  askedSince_ms: 0,
  /** Up to where in the client's stream it is known from the kernel. */
  leftUntil: 0,
  /** When payload of its answer was given; below 0 when none was. */
  answerFrom_ms: -1,
  answerUntil_ms: -1,
  /** 1 when an earlier request's answer had not come: what comes may be that. */
  overtakes: 0,
};

export type Answering = typeof ANSWERING &
  typeof PAIRING & {
    readonly host: AnsweringHost;
    /** How far the client has read the online server's stream. */
    readonly readUntil: number;
  };

export interface AnsweringHost {
  /** A request's answer is over. Both times are from its last byte. */
  answered(first_ms: number, last_ms: number): void;
  unanswered(reason: MissingReason): void;
  /** The online server answered a request, and the test server did not. */
  answeredOnlineOnly(reason: LeftReason): void;
  /** The test server answered a request, and the online server did not, as far as its client acknowledged. */
  answeredByTestOnly(): void;
}

/**
 * A request begins at `offset`.
 *
 * @param atRead how far the client had read the online server's stream when it said it
 * @param overtakes the answer to an earlier one had not come
 */
export function asked(of: Answering, offset: number, atRead: number, overtakes: boolean): void {
  over(of, 'overtaken');
  pair(of, atRead);
  of.askedAtRead = atRead;
  of.askedFrom = offset;
  of.askedSince_ms = Infinity;
  of.overtakes = overtakes ? 1 : 0;
}

/** Bytes of the client's went out for the first time. */
export function spoken(of: Answering, now_ms: number): void {
  // An answer that comes while the rest of its request goes out is timed from what had been said.
  if (of.answerFrom_ms >= 0) return;
  if (of.askedSince_ms === Infinity) of.askedSince_ms = now_ms;
  of.askedAt_ms = now_ms;
}

/**
 * The kernel tells when bytes of the client's left, up to an offset: better than anybody else knows. It may do so when their answer was
 * heard already.
 */
export function leftBy(of: Answering, until: number, at_ms: number): void {
  if (of.askedFrom < 0 || until <= Math.max(of.askedFrom, of.leftUntil)) return;
  of.leftUntil = until;
  if (of.answerFrom_ms >= 0 && at_ms > of.answerFrom_ms) return;
  if (of.askedSince_ms === of.askedAt_ms) of.askedSince_ms = at_ms;
  of.askedAt_ms = at_ms;
}

/** What was said last left this machine only now. */
export function left(of: Answering, at_ms: number): void {
  if (of.askedFrom < 0 || of.answerFrom_ms >= 0) return;
  if (of.askedSince_ms === of.askedAt_ms) of.askedSince_ms = at_ms;
  of.askedAt_ms = at_ms;
}

/**
 * The test server's stream moved on by payload that acknowledges the client's stream up to `acknowledged`.
 *
 * @param at_ms when it gave it: never before it was asked, whatever the clocks say
 */
export function heardAnswer(of: Answering, acknowledged: number, at_ms: number): void {
  if (of.askedFrom < 0 || acknowledged <= of.askedFrom) return;
  // Words that went out before it was heard may have gone out behind it: then it is timed from the first of them.
  if (of.answerFrom_ms < 0 && at_ms < of.askedAt_ms) of.askedAt_ms = of.askedSince_ms;
  const given_ms = Math.max(of.askedAt_ms, at_ms);
  if (of.answerFrom_ms < 0) of.answerFrom_ms = given_ms;
  of.answerUntil_ms = Math.max(of.answerUntil_ms, given_ms);
}

/** Nothing more comes to the latest request. @param reason why nothing came, if nothing did */
export function over(of: Answering, reason: MissingReason): void {
  if (of.askedFrom < 0) return;
  const { answerFrom_ms, answerUntil_ms, askedAt_ms } = of;
  if (answerFrom_ms < 0) of.host.unanswered(reason);
  else if (of.overtakes) of.host.unanswered('overtaken');
  else of.host.answered(answerFrom_ms - askedAt_ms, answerUntil_ms - askedAt_ms);
  of.openAtRead = of.askedAtRead;
  of.openOutcome = PAIRINGS.indexOf(answerFrom_ms < 0 ? reason : of.overtakes ? 'overtaken' : 'timed');
  of.askedFrom = of.answerFrom_ms = of.answerUntil_ms = -1;
}

/**
 * The online server is done with the request that the test server was done with last, too.
 *
 * @param nextAtRead how far the client had read when it said its next request; undefined where it says none: then one byte more
 * that it acknowledges is the end of the online server's stream
 */
export function pair(of: Answering, nextAtRead?: number): void {
  const outcome = PAIRINGS[of.openOutcome]!;
  of.openOutcome = 0;
  if (outcome === 'none') return;
  const isAnswered = nextAtRead === undefined ? of.readUntil > of.openAtRead + 1 : nextAtRead > of.openAtRead;
  if (isAnswered && isLeft(outcome)) of.host.answeredOnlineOnly(outcome);
  else if (!isAnswered && outcome === 'timed') of.host.answeredByTestOnly();
}
