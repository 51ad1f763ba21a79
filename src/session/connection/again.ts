/**
 * What becomes of a copy whose connection the test server has ended: the client knows nothing of it, and goes on.
 *
 * Each request that was said on the connection, and drew nothing, is one of these:
 * - *refused*: it lies wholly at or behind what the test server's FIN, or its reset, acknowledged, and was not acknowledged
 *   later. It was not carried out, and is said again in a new connection.
 * - *doubtful*: all others, also where only a part of it was said. It may have been carried out; it is not said again, unless
 *   that is asked for.
 *
 * What was not said at all goes on in the new connection. No request is said on more than two of them.
 */
import { seqAdd } from '../../wire/sequence';
import { over } from '../exchange/answering';
import { isPipelining, requestsDue } from '../exchange/due';
import * as exchange from '../exchange/exchange';
import { RECEIVER } from '../receiving/receiver';
import * as sender from '../sending/sender';
import * as speech from '../sending/speech';
import { toSequence } from '../stream/offsets';
import type { Piece } from '../stream/outbox';
import { start } from './handshake';
import { finish, giveUp, isHeardOut, move, sendReset } from './moves';
import type { Session } from './session';

const CONNECTIONS_MAX = 2;
/** Time-outs behind the test server's FIN, after which it is clear that it tells no more about what was in flight. */
const RETRIES_MAX = 3;
/** A test server that has refused every connection for so long is given up. */
const REFUSED_MAX_MS = 60_000;
/** How long the first words wait for a reset, when the connection before had failed: this, or so many round trips. */
const DOUBT_MS = 20;
const DOUBT_ROUND_TRIPS = 2;
/** Behind the last sequence number of a connection, its FIN included: what a TCP in TIME-WAIT takes for a new one (RFC 9293, section 3.10.7.4). */
const BEYOND_FIN = 2;

/**
 * The test server has closed its side, and the client has not, or has more to say. Its words go on in a new connection, as
 * soon as it is clear what became of those in flight.
 *
 * @returns whether words may be said here all the same: the client was told the end as well, and spoke on
 */
export function behindFin(of: Session): boolean {
  if (isTold(of)) {
    of.isSettled = false;
    return true;
  }
  if (!isResolved(of)) return false;
  if (isUnknown(of)) return false;
  const next = of.isSettled ? of.outbox.requestFrom(of.sentUntil) : settle(of, Infinity);
  const isLast = !next && isHeardOut(of);
  if (isLast && of.outbox.end <= of.sentUntil) return true;
  if (!next && !isLast) {
    forgetTail(of);
    return false;
  }
  if (of.host.wholeConnectionsOnly) {
    giveUp(of, 'test-closed');
    return false;
  }
  noteFailure(of);
  if (isGivenUp(of)) {
    giveUp(of, 'test-closed');
    return false;
  }
  if (sender.isAcknowledged(of)) speech.data(of, of.sentUntil, undefined, 0, 0, true, false);
  else sendReset(of);
  goOn(of, next);
  return false;
}

/** The test server has refused the connection, or reset it. @param refusedFrom what stands behind it was not taken */
export function brokenOff(of: Session, refusedFrom: number): void {
  const { host } = of;
  const isRefused = of.state === 'syn-sent';
  noteFailure(of);
  if (!isRefused) noteReset(of);
  if (isGivenUp(of)) {
    finish(of, isRefused ? 'test-refused' : 'test-reset');
    return;
  }
  if (isRefused) {
    move(of, 'ended-by-test');
    of.beginAnew(of.saidFrom, of.initialSequence);
    resume(of);
    return;
  }
  const next = of.isSettled ? of.outbox.requestFrom(of.sentUntil) : settle(of, refusedFrom);
  if (host.wholeConnectionsOnly && (next || !isHeardOut(of))) finish(of, 'test-reset');
  else goOn(of, next);
}

/** The test server has closed before it heard the client's end, which it has acknowledged since. */
export function crossed(of: Session): void {
  if (of.due > 0 && !of.isSettled) settle(of, Infinity);
}

const isGivenUp = ({ host, refusedSince_ms }: Session): boolean =>
  host.now_ms - refusedSince_ms > REFUSED_MAX_MS;

/** A connection on which nothing was acknowledged that the client said. */
function noteFailure(of: Session): void {
  const { now_ms } = of.host;
  const isFailure = of.state === 'syn-sent' || (!sender.isHeard(of) && of.outbox.end > of.saidFrom);
  if (isFailure) of.testServer.handshakes.failed(now_ms);
  of.refusedSince_ms = isFailure ? Math.min(of.refusedSince_ms, now_ms) : Infinity;
}

/** It may have accepted the connection only to reset it, whatever its kernel acknowledged. */
function noteReset(of: Session): void {
  const isAnswered = of.responseNext !== RECEIVER.responseNext;
  const wereWordsSaid = of.sentUntil > of.saidFrom;
  if (isAnswered || (!wereWordsSaid && of.outbox.end === of.saidFrom)) return;
  of.testServer.earlyResets.happened(wereWordsSaid, of.openedAt_ms, of.host.now_ms);
}

/** New words, or the end, of a client whose connection the test server has ended; or it may be asked again. */
export function resume(of: Session): void {
  const next = of.outbox.requestFrom(of.saidFrom);
  const from = next?.offset ?? of.outbox.end;
  skip(of, of.saidFrom, from);
  of.outbox.release(from);
  aim(of, from);
  if (next) {
    of.isTailDoubtful = false;
    // Before its first words a client may have been greeted.
    if (next.offset > 1) exchange.beginAgain(of, next.clientAcknowledged);
    start(of);
  } else if (isHeardOut(of)) finish(of, 'completed');
}

/** A connection is there. */
export function opened(of: Session): void {
  const { handshakes, earlyResets } = of.testServer;
  of.openedAt_ms = of.host.now_ms;
  const doubt_ms = Math.max(DOUBT_MS, DOUBT_ROUND_TRIPS * of.smoothedRoundTrip_ms);
  const quiet_ms = Math.max(handshakes.isInDoubt ? doubt_ms : 0, earlyResets.quiet_ms);
  if (quiet_ms > 0) of.wordsNotBefore_ms = of.openedAt_ms + quiet_ms;
}

/** The client has read exactly as much as the test server has sent, its end included: it goes on here. */
function isTold(of: Session): boolean {
  const { outbox, ending, sentUntil, finAcknowledged } = of;
  const next = outbox.pieceAt(sentUntil);
  // What stood there was forgotten: the client did not know of the end.
  if (!next && outbox.end > sentUntil) return of.isHalfClosed;
  // Words that crossed the end may have been said behind it as well.
  const crossed = outbox.pieceAt(finAcknowledged);
  const read = of.onlineStart + of.responseNext - 1;
  of.isHalfClosed ||= (next ?? ending)?.clientAcknowledged === read || crossed?.clientAcknowledged === read;
  return of.isHalfClosed;
}

const isResolved = (of: Session): boolean => sender.isAcknowledged(of) || of.retriesBehindFin >= RETRIES_MAX;

/** How much the online server answered to the latest words, which were several writes: the client has yet to say what it has read. */
function isUnknown(of: Session): boolean {
  return !of.isSettled && of.writes > 1 && !isHeardOut(of) && !of.outbox.requestFrom(of.sentUntil);
}

/** Counts what is doubtful and what was refused too often. @returns where the client's words go on, if there are any */
function settle(of: Session, refusedFrom: number): Piece | undefined {
  of.isSettled = true;
  const { host, outbox } = of;
  const saidUntil = Math.min(of.sentUntil, outbox.end);
  let refused = 0;
  let refusedAt = Infinity;
  let next: Piece | undefined;
  for (const piece of outbox.pieces()) {
    if (!piece.begins || piece.offset < Math.max(refusedFrom, of.unacknowledged)) continue;
    if (piece.offset >= saidUntil) break;
    refused += 1;
    refusedAt = Math.min(refusedAt, piece.offset);
    if (piece.said < CONNECTIONS_MAX) next ??= piece;
    else host.count('requests_refused');
  }
  next ??= outbox.requestFrom(saidUntil);
  exchange.reconsider(of, next?.clientAcknowledged ?? of.ending?.clientAcknowledged ?? of.readUntil);
  const to = Math.min(refusedAt, next?.offset ?? outbox.end);
  // What drew nothing, or was not said to its end.
  const from = Math.min(of.drawnUntil, of.unacknowledged);
  const isDoubtful = of.wordsFrom >= 0 && from < Math.min(to, Math.max(saidUntil, endOfLatest(of, to)));
  of.accountedUntil = next?.offset ?? outbox.end;
  of.isTailDoubtful = isDoubtful && refused === 0;
  if (!isDoubtful) return next;
  host.doubtful(of, { count: Math.max(1, requestsDue(of, to)), from, to });
  const again = host.repeatsDoubtful ? outbox.requestFrom(from) : undefined;
  return again && again.said < CONNECTIONS_MAX ? again : next;
}

/** What the client said before its next request, and behind words whose connection is over, is said nowhere. */
function skip(of: Session, from: number, to: number): void {
  const begin = Math.max(from, of.accountedUntil);
  if (begin >= to) return;
  countWrites(of, begin, to);
  of.host.doubtful(of, { count: Math.max(of.isTailDoubtful ? 0 : 1, of.skippedWrites), from: begin, to });
  of.skippedWrites = 0;
  of.isTailDoubtful = true;
  of.accountedUntil = to;
}

/** The rest of a request whose beginning was said where the connection is over: an upload may be longer than can be held. */
function forgetTail(of: Session): void {
  if (!sender.isAcknowledged(of)) return;
  countWrites(of, of.accountedUntil, of.outbox.end);
  of.outbox.release(of.outbox.end);
}

/** Those that end there, of a client that pipelines; the rest of one that was said in part was counted with it. */
function countWrites(of: Session, from: number, to: number): void {
  if (!isPipelining(of)) return;
  for (const { offset, push } of of.outbox.pieces()) {
    if (offset < from || offset >= to || !push) continue;
    if (of.hasEndedWrite) of.skippedWrites += 1;
    of.hasEndedWrite = true;
  }
}

/** Where the request ends that was said last. */
function endOfLatest(of: Session, to: number): number {
  return Math.min(of.outbox.requestFrom(of.wordsFrom + 1)?.offset ?? to, to);
}

function goOn(of: Session, next: Piece | undefined): void {
  const { host } = of;
  const from = next?.offset ?? of.outbox.end;
  const sequence = seqAdd(toSequence(of.sentUntil, of.initialSequence), BEYOND_FIN);
  skip(of, Math.min(of.sentUntil, of.outbox.end), from);
  move(of, 'ended-by-test');
  if (next) host.count('connections_again');
  over(of, 'closed');
  of.beginAnew(from, seqAdd(sequence, -((from - 1) % 0x1_0000_0000)));
  resume(of);
}

/** The connection that is to come begins at another place in the client's stream. */
function aim(of: Session, saidFrom: number): void {
  if (saidFrom === of.saidFrom) return;
  const synSequence = toSequence(of.saidFrom - 1, of.initialSequence);
  of.initialSequence = seqAdd(synSequence, -((saidFrom - 1) % 0x1_0000_0000));
  of.saidFrom = of.sendNext = of.sentUntil = saidFrom;
  of.unacknowledged = saidFrom - 1;
  exchange.beginAt(of, saidFrom);
}
