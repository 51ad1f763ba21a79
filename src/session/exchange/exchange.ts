/**
 * When the client's next words may go to the test server: behind the answer that the client had read when it spoke.
 *
 * To say words too early is mostly no more than pipelining; but what is in flight when a connection closes is in doubt, and
 * some servers drop what comes before their answer. To say them too late holds up everything behind them. `SITUATIONS` is
 * the rule: what is seen, what it is taken for, and what is waited for. How long, `Habits` has learned.
 *
 * Something of the test server is a part of its answer only if it acknowledges the words that are to be answered: what was on
 * its way before was pushed, or belongs to an earlier answer.
 */
import * as due from './due';
import { drawn } from './due';
import type { Awaited, Habits } from './habits';
import { behindRest } from './rest';

export interface Situation {
  /** What is assumed. */
  readonly assumes: string;
  /** What the words wait for; undefined when they go at once. */
  readonly awaits: Awaited | undefined;
}

/** The first that fits counts. */
export const SITUATIONS = {
  /** The client has read nothing since it spoke last. */
  continued: { assumes: 'it goes on with what it says, or pipelines', awaits: undefined },
  /** The test server has sent as much as the client had read. */
  answered: { assumes: 'the answer is there; what is longer is not waited for', awaits: undefined },
  /** As much, but an earlier answer that was not waited for has not come. */
  behind: { assumes: 'it was the earlier answer', awaits: 'answer' },
  /** Less, and its last segment ended a write (PSH). */
  shorter: { assumes: 'the answer has ended, or goes on behind a pause', awaits: 'rest' },
  /** Less, in the middle of a write. */
  unfinished: { assumes: 'more is under way', awaits: 'answer' },
  /** Nothing at all, on a connection on which the client says its first words. */
  ungreeted: { assumes: 'it greets, or it does not', awaits: 'greeting' },
  /** Nothing that acknowledges the words. */
  unanswered: { assumes: 'it thinks, or it will not answer', awaits: 'answer' },
} as const satisfies Record<string, Situation>;

/** What has come from a test server that may close behind this answer is followed by its FIN within this. */
const CLOSES_WITHIN_MS = 2;
/** It has answered, and then said nothing for so long, though more was asked: it answers no more than that. */
const IN_STEP_MS = 1000;
/** More than this is no answer that a client has yet to read. */
const SURPLUS_MAX_BYTES = 256 * 1024;

/** A time that is waited from, when `by_ms` until now do not count; one that never was stays. */
export const postponed = (since_ms: number, by_ms: number, now_ms: number): number =>
  Number.isFinite(since_ms) ? Math.min(since_ms + by_ms, now_ms) : since_ms;

/** Of a connection with the test server, when it begins; stream offsets. */
export const EXCHANGE = {
  ...due.DUE,
  /** How far the client had read the online server's stream when it said its latest words, and when the connection began. */
  onlineFrom: 1,
  onlineStart: 1,
  /** When the latest words were said. */
  wordsAt_ms: -Infinity,
  /** What has come since that acknowledges them. */
  answer_bytes: 0,
  /** What earlier answers were short of when they were waited for no more: it may still come. */
  owed_bytes: 0,
  /** What came beyond what the client had read: answers to words that it said before. */
  surplus_bytes: 0,
  /** Answers on this connection. */
  answers: 0,
  /** Since when that was waited for which did not come before the latest words. */
  missedFrom_ms: -Infinity,
  lastHeard_ms: -Infinity,
  lastResponse_ms: -Infinity,
  /** Since when the next words wait; Infinity when none do. */
  waitingSince_ms: Infinity,
};

export type Exchange = typeof EXCHANGE &
  due.DueRequests & {
    /** Words were held back or let go. */
    exchangeOpened: boolean;
    /** The latest words ended a write of the client's. */
    hasEndedWrite: boolean;
    /** The test server's last segment carried PSH or FIN. */
    lastResponseEnds: boolean;
    /** What had not come when the latest words went out; undefined when all had that was expected. */
    missed: Awaited | undefined;
    readonly habits: Habits;
    readonly host: ExchangeHost;
  };

export interface ExchangeHost {
  /** The longest that anything is waited for. */
  readonly response_ms: number;
  /** Else words go out with their client's timing, whatever has come. */
  readonly waitForAnswers: boolean;
  count(what: 'answers_not_awaited'): void;
  /** Something was waited for in vain, which is news: others need not wait for it any more. */
  tellMissed(): void;
}

/** The client stood at `onlineAcknowledged`: until words were held back or let go, the lowest is where it began. */
export function begin(of: Exchange, onlineAcknowledged: number): void {
  if (of.exchangeOpened) return;
  if (onlineAcknowledged < of.onlineStart) of.onlineStart = onlineAcknowledged;
  of.onlineFrom = of.onlineStart;
}

/** A connection begins with the client's words at `saidFrom`. */
export function beginAt(of: Exchange, saidFrom: number): void {
  of.drawnUntil = of.payloadAcknowledged = saidFrom;
}

/** Goes on in a new connection with words that the client said at `onlineAcknowledged`. */
export function beginAgain(of: Exchange, onlineAcknowledged: number): void {
  of.onlineStart = of.onlineFrom = onlineAcknowledged;
  of.exchangeOpened = true;
  of.lastResponseEnds = of.hasEndedWrite = false;
  of.missed = undefined;
  of.earlierDue = due.NO_EARLIER;
}

/** Nothing could be said or heard for so long, until now. */
export function postpone(of: Exchange, by_ms: number, now_ms: number): void {
  of.wordsAt_ms = postponed(of.wordsAt_ms, by_ms, now_ms);
  of.lastHeard_ms = postponed(of.lastHeard_ms, by_ms, now_ms);
  of.lastResponse_ms = postponed(of.lastResponse_ms, by_ms, now_ms);
  of.waitingSince_ms = postponed(of.waitingSince_ms, by_ms, now_ms);
}

/** The test server said anything, be it an acknowledgment. */
export function heard(of: Exchange, now_ms: number): void {
  of.lastHeard_ms = now_ms;
}

/** Words, with how they stand among the client's: whether they begin a request, and whether they end a write (PSH). */
export type Words = Readonly<{ offset: number; begins: boolean; push: boolean }>;

/** They went out for the first time on this connection. */
export function said(of: Exchange, { offset, begins, push }: Words, now_ms: number): void {
  of.wordsAt_ms = now_ms;
  if (begins || of.wordsFrom < 0) begun(of, offset, now_ms);
  else if (of.hasEndedWrite) due.goneOn(of, offset);
  of.hasEndedWrite = push;
}

function begun(of: Exchange, offset: number, now_ms: number): void {
  if (of.answer_bytes > 0) passOver(of);
  due.isDue(of, offset, now_ms - of.lastResponse_ms >= IN_STEP_MS);
  of.habits.said();
}

/** The client did not wait for what has come. */
function passOver(of: Exchange): void {
  if (of.wordsFrom < 0) of.surplus_bytes = Math.min(of.surplus_bytes + of.answer_bytes, SURPLUS_MAX_BYTES);
  else of.answers += 1;
  of.answer_bytes = 0;
}

/**
 * The test server's stream moved on.
 *
 * @param acknowledged up to where it acknowledged the client's stream @param bytes by how many bytes of payload
 * @param received_bytes of its whole stream so far @param ends the segment carried PSH or FIN
 */
export function responded(
  of: Exchange,
  acknowledged: number,
  bytes: number,
  received_bytes: number,
  ends: boolean,
  now_ms: number,
): void {
  if (bytes === 0) return;
  of.received_bytes = received_bytes;
  of.payloadAcknowledged = Math.max(of.payloadAcknowledged, acknowledged);
  if (ends) of.received_writes += 1;
  const fresh_bytes = behindRest(of, bytes, ends, now_ms - of.lastResponse_ms);
  if (fresh_bytes > 0) {
    // Behind an answer that was missed it is for an earlier request.
    if (of.missed !== 'answer' && due.isAlone(of)) drawn(of, of.payloadAcknowledged);
    else due.credit(of, fresh_bytes, ends);
  }
  if (of.wordsFrom >= 0 && acknowledged <= of.wordsFrom) respondedEarlier(of, bytes, now_ms);
  else if (of.missed && received_bytes === of.onlineFrom - of.onlineStart) caughtUp(of, now_ms);
  else respondedNow(of, bytes, now_ms);
  of.lastResponse_ms = now_ms;
  of.lastResponseEnds = ends;
}

function respondedNow(of: Exchange, bytes: number, now_ms: number): void {
  if (of.wordsFrom < 0) of.habits.came('greeting', Math.max(0, now_ms - of.waitingSince_ms));
  else if (of.missed !== 'answer') {
    if (of.answer_bytes === 0) of.habits.came('answer', now_ms - of.wordsAt_ms);
    else if (of.lastResponseEnds) of.habits.came('rest', now_ms - of.lastResponse_ms);
  }
  of.answer_bytes += bytes;
}

/** A part of an earlier answer, on its way when the latest words were said; or the test server pushed it. */
function respondedEarlier(of: Exchange, bytes: number, now_ms: number): void {
  if (of.missed) of.habits.came(of.missed, now_ms - of.missedFrom_ms);
  of.missed = undefined;
  const paid_bytes = Math.min(of.owed_bytes, bytes);
  of.owed_bytes -= paid_bytes;
  of.surplus_bytes = Math.min(of.surplus_bytes + bytes - paid_bytes, SURPLUS_MAX_BYTES);
}

/** All that the client had read has come, to the last byte: it was only late. */
function caughtUp(of: Exchange, now_ms: number): void {
  of.habits.came(of.missed!, now_ms - of.missedFrom_ms);
  of.habits.answered(false);
  of.missed = undefined;
  of.answer_bytes = of.owed_bytes = of.surplus_bytes = 0;
  drawn(of, of.wordsFrom);
}

/**
 * May words that were said at `onlineAcknowledged` go out now?
 *
 * @param offset of the words in the client's stream @param isHeard the test server has acknowledged all that was said
 * @returns undefined when they may, else the time in milliseconds at which to ask again at the latest
 */
export function holdUntil_ms(
  of: Exchange,
  offset: number,
  onlineAcknowledged: number,
  isHeard: boolean,
  now_ms: number,
): number | undefined {
  const expected_bytes = onlineAcknowledged - of.onlineFrom;
  if (expected_bytes <= 0) return undefined;
  const situation = situationOf(of, expected_bytes);
  const { awaits } = situation;
  // Words that are still under way cannot be answered: they are sent again in time.
  if (situation === SITUATIONS.unanswered && !isHeard) return Infinity;
  const since_ms = silentSince_ms(of);
  if (awaits) {
    of.waitingSince_ms = Math.min(of.waitingSince_ms, now_ms);
    const from_ms = Math.max(since_ms, awaits === 'greeting' ? of.waitingSince_ms : -Infinity);
    const until_ms = from_ms + of.habits.allowance_ms(awaits);
    if (now_ms < until_ms) return until_ms;
  }
  if (of.answer_bytes > 0) {
    const until_ms = closesUntil_ms(of, offset);
    if (now_ms < until_ms) return until_ms;
  }
  if (awaits) {
    of.host.count('answers_not_awaited');
    // Whoever did not have to wait has not found out anything.
    const waitedFrom_ms = Math.max(of.waitingSince_ms, since_ms);
    if (now_ms > waitedFrom_ms && of.habits.missed(awaits, waitedFrom_ms, now_ms)) of.host.tellMissed();
  }
  of.missedFrom_ms = since_ms;
  letGo(of, onlineAcknowledged, expected_bytes, awaits, now_ms);
  return undefined;
}

/** Words that were said at `onlineAcknowledged` go out whatever has come: nothing is waited for. */
export function letGoAtOnce(of: Exchange, onlineAcknowledged: number, now_ms: number): void {
  const expected_bytes = onlineAcknowledged - of.onlineFrom;
  if (expected_bytes <= 0) return;
  of.missedFrom_ms = silentSince_ms(of);
  letGo(of, onlineAcknowledged, expected_bytes, situationOf(of, expected_bytes).awaits, now_ms);
}

/** The connection is over, and the client had read so far when it went on behind the latest words: what was not answered? */
export function reconsider(of: Exchange, onlineAcknowledged: number): void {
  due.isOver(of, Math.max(0, onlineAcknowledged - of.onlineFrom));
}

/** Since the answer so far, or else since the words. */
const silentSince_ms = (of: Exchange): number => (of.answer_bytes > 0 ? of.lastResponse_ms : of.wordsAt_ms);

/** Until when a FIN may follow what has come. @param offset where the client's next words begin */
function closesUntil_ms(of: Exchange, offset: number): number {
  // It answered before it had all that it answers to: it may have refused it, and closes once it has read it.
  if (of.payloadAcknowledged < offset)
    return Math.max(of.lastResponse_ms, of.lastHeard_ms, of.wordsAt_ms) + CLOSES_WITHIN_MS;
  return of.habits.closesBehind(of.answers + 1) ? of.lastResponse_ms + CLOSES_WITHIN_MS : -Infinity;
}

function situationOf(of: Exchange, expected_bytes: number): Situation {
  const { answer_bytes, owed_bytes, surplus_bytes, lastResponseEnds } = of;
  if (answer_bytes === 0) return of.wordsFrom < 0 ? SITUATIONS.ungreeted : SITUATIONS.unanswered;
  if (answer_bytes >= expected_bytes + owed_bytes) return SITUATIONS.answered;
  if (lastResponseEnds && answer_bytes + surplus_bytes >= expected_bytes + owed_bytes)
    return SITUATIONS.answered;
  if (answer_bytes >= expected_bytes) return SITUATIONS.behind;
  return lastResponseEnds ? SITUATIONS.shorter : SITUATIONS.unfinished;
}

function letGo(
  of: Exchange,
  onlineAcknowledged: number,
  expected_bytes: number,
  missed: Awaited | undefined,
  now_ms: number,
): void {
  const { answer_bytes, owed_bytes, surplus_bytes } = of;
  const balance_bytes = answer_bytes + surplus_bytes - expected_bytes - owed_bytes;
  if (answer_bytes > 0) {
    of.answers += 1;
    if (now_ms - of.lastResponse_ms >= IN_STEP_MS) drawn(of, of.payloadAcknowledged);
    const isOver = of.host.waitForAnswers || balance_bytes >= 0 || now_ms - of.lastResponse_ms >= IN_STEP_MS;
    if (of.missed !== 'answer' && missed !== 'answer' && isOver) of.habits.answered(balance_bytes < 0);
  }
  due.isRead(of, expected_bytes);
  of.isTailDue = answer_bytes > 0 && !of.lastResponseEnds;
  // An answer that was shorter is over; one that was missing may still come, but is not waited for twice.
  const isOwed = missed === 'answer' && answer_bytes < expected_bytes;
  of.owed_bytes = isOwed ? Math.max(0, -balance_bytes) : 0;
  of.surplus_bytes = Math.min(Math.max(0, balance_bytes), SURPLUS_MAX_BYTES);
  of.missed = missed;
  of.answer_bytes = 0;
  of.exchangeOpened = true;
  of.onlineFrom = onlineAcknowledged;
  of.waitingSince_ms = Infinity;
}
