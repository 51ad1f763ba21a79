/** What a session does when the test server said something: all that has come is heard before anything is said. */
import * as answering from '../exchange/answering';
import * as exchange from '../exchange/exchange';
import * as receiver from '../receiving/receiver';
import * as sender from '../sending/sender';
import { toOffset, toSequence } from '../stream/offsets';
import { brokenOff, crossed, opened } from '../connection/again';
import { challenged } from '../connection/handshake';
import { finish, isConnected, limitClosing, move, schedule, timeWait } from '../connection/moves';
import { pump } from '../connection/pump';
import type { Session } from '../connection/session';
import type { StateEvent } from '../connection/states';
import type { Reply } from '../../wire/reply';
import { ACK, FIN, PSH, RST, SYN } from '../../wire/tcp';

/** Hears a reply; `repliedAll` comes when no more is there. */
export function replied(of: Session, reply: Reply): void {
  if (!isConnected(of)) return;
  if (of.state === 'syn-sent') repliedToSyn(of, reply);
  else repliedInConnection(of, reply);
}

/** Says what may be said now. */
export function repliedAll(of: Session): void {
  if (of.state === 'closed') return;
  pump(of);
  limitClosing(of);
  schedule(of);
}

function repliedToSyn(of: Session, reply: Reply): void {
  const acceptable = reply.acknowledgment === toSequence(of.saidFrom, of.initialSequence);
  if (reply.flags & RST) {
    if (acceptable) brokenOff(of, of.saidFrom);
    return;
  }
  if (!(reply.flags & ACK)) return;
  if (!acceptable || !(reply.flags & SYN)) {
    challenged(of, reply, acceptable);
    return;
  }
  const { now_ms } = of.host;
  receiver.open(of, reply.sequence, now_ms);
  const scaled = of.synOptions.windowScale !== undefined && reply.windowScale !== undefined;
  const scale = scaled ? reply.windowScale : 0;
  sender.open(of, reply.maximumSegmentSize, scale, reply.window, now_ms);
  move(of, 'syn-acknowledged');
  opened(of);
}

function repliedInConnection(of: Session, reply: Reply): void {
  if (reply.flags & RST) {
    if (receiver.offsetOf(of, reply) >= of.responseNext) resetByTest(of, reply);
    return;
  }
  const { now_ms } = of.host;
  if (reply.flags & SYN) {
    of.acknowledgeAt_ms = now_ms; // our acknowledgment of its SYN was lost
    return;
  }
  exchange.heard(of, now_ms);
  const acknowledged = toOffset(reply.acknowledgment, of.initialSequence, of.unacknowledged);
  if (reply.flags & ACK) acknowledgedByTest(of, reply, acknowledged);
  if (of.outcome !== undefined) return;
  if (reply.payloadLength > 0 || reply.flags & FIN) responded(of, reply, acknowledged);
}

function acknowledgedByTest(of: Session, reply: Reply, offset: number): void {
  const { now_ms, repeatsDoubtful } = of.host;
  const pure = reply.payloadLength === 0 && !(reply.flags & FIN);
  const wasHeard = sender.isHeard(of);
  sender.acknowledged(of, offset, reply.window, pure, repeatsDoubtful ? of.drawnUntil : Infinity, now_ms);
  noteHeard(of, wasHeard);
  if (!of.finSent || !of.ending || of.unacknowledged <= of.ending.offset) return;
  if (of.state === 'fin-wait-1') move(of, 'fin-acknowledged');
  else if (of.state === 'closing') bothClosed(of, 'fin-acknowledged');
  else if (of.state === 'last-ack') finish(of, 'completed', 'fin-acknowledged');
}

/** It takes requests: nobody else need wait until it does. */
function noteHeard(of: Session, wasHeard: boolean): void {
  if (wasHeard || !sender.isHeard(of)) return;
  of.testServer.handshakes.succeeded(of.host.now_ms);
  of.refusedSince_ms = Infinity;
}

/** @param stated what its header acknowledges */
function responded(of: Session, reply: Reply, stated: number): void {
  const { now_ms } = of.host;
  const before = of.responseNext;
  const wasClosed = receiver.isClosed(of);
  const fresh = receiver.received(of, reply, of.synOptions.maximumSegmentSize, now_ms);
  const closes = !wasClosed && receiver.isClosed(of);
  const acknowledged = receiver.acknowledgedWhenSaid(of, reply, stated);
  if (fresh) {
    of.unansweredSince_ms = Infinity;
    const bytes = of.responseNext - before - (closes ? 1 : 0);
    if (bytes > 0) of.testServer.earlyResets.answered(of.openedAt_ms);
    if (of.partedShort && bytes > 0) answerCut(of);
    const ends = (reply.flags & (PSH | FIN)) !== 0;
    if (bytes > 0) answering.heardAnswer(of, acknowledged, now_ms);
    exchange.responded(of, acknowledged, bytes, of.responseNext - 1 - (closes ? 1 : 0), ends, now_ms);
  }
  if (!closes) return;
  of.finAcknowledged = acknowledged;
  answering.over(of, 'closed');
  if (of.state === 'established' || of.state === 'fin-wait-1') {
    if (of.state === 'established') closedByTest(of);
    move(of, 'fin-received');
  } else if (of.state === 'fin-wait-2') bothClosed(of, 'fin-received');
}

/** Where the test server closed of its own accord, our last words may have crossed its end. */
function bothClosed(of: Session, event: StateEvent): void {
  if (of.ending && of.finAcknowledged <= of.ending.offset) crossed(of);
  timeWait(of, event);
}

/** Something came behind our FIN, which was said too early. */
function answerCut(of: Session): void {
  of.partedShort = false;
  of.host.count('answers_cut');
  of.habits.paused(of.host.now_ms - Math.max(of.lastResponse_ms, of.wordsAt_ms, of.openedAt_ms));
}

/** The client has not closed its side. */
function closedByTest(of: Session): void {
  of.host.count('connections_closed_by_test');
  const answers = of.answers + (of.answer_bytes > 0 ? 1 : 0);
  of.habits.closed(answers, of.host.now_ms - of.lastResponse_ms);
}

/** A reset tells what was taken by its acknowledgment number, or behind a FIN by that of the FIN; else it tells nothing. */
function resetByTest(of: Session, reply: Reply): void {
  if (of.state === 'time-wait') {
    finish(of, 'completed');
    return;
  }
  of.host.count('connections_reset_by_test');
  answering.over(of, 'reset');
  const stated =
    reply.flags & ACK ? toOffset(reply.acknowledgment, of.initialSequence, of.unacknowledged) : -1;
  // A FIN that the client was told of as well was no refusal: it went on behind it.
  const byFin = of.isHalfClosed ? -1 : of.finAcknowledged;
  const byReset = stated <= of.sentUntil ? stated : -1;
  const wasHeard = sender.isHeard(of);
  of.unacknowledged = Math.max(of.unacknowledged, byReset);
  noteHeard(of, wasHeard);
  const known = Math.max(byFin, byReset);
  brokenOff(of, known < 0 ? Infinity : known);
}
