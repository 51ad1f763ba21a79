/** How a session changes its state, comes to its end, and says when it wants to be woken. */
import { over, pair } from '../exchange/answering';
import { toSequence } from '../stream/offsets';
import * as sender from '../sending/sender';
import * as speech from '../sending/speech';
import type { DropReason, GiveUpReason } from '../tables/counters';
import type { Session } from './session';
import type { Outcome } from './session-host';
import { nextState, type StateEvent } from './states';

/** Long enough to acknowledge a repeated FIN; the client's port is free for its next connection at once. */
const TIME_WAIT_MS = 1000;
/** Longer than anything is under way between the test server and us. */
export const UNDER_WAY_MAX_MS = 200;
/** How long bytes that were not captured are waited for: longer than a client takes to send them again. */
const HOLE_MAX_MS = 3000;
/** How long the test server may keep a port that the client uses again. */
const CLOSE_MAX_MS = 5000;

export function move(of: Session, event: StateEvent): void {
  const before = of.state;
  of.state = nextState(before, event);
  if (before === 'syn-sent') of.testServer.handshakes.over();
}

/** There is a connection with the test server, or one is asked for. */
export const isConnected = ({ state }: Session): boolean =>
  state !== 'waiting' && state !== 'between' && state !== 'closed';

/** The handshake is through. */
export const isOpen = (of: Session): boolean => isConnected(of) && of.state !== 'syn-sent';

export function timeWait(of: Session, event: StateEvent): void {
  move(of, event);
  // Whoever waits for the port needs no more than that the FIN is acknowledged.
  of.expireAt_ms = of.host.now_ms + (of.successor ? 1 : TIME_WAIT_MS);
}

/** The test server had all the time to answer that it is ever given. */
const isHeardToTheEnd = (outcome: Outcome): boolean =>
  outcome === 'completed' || outcome === 'test-unanswered' || outcome === 'test-silent';

/** Ends the copy without a word. */
export function finish(of: Session, outcome: Outcome, event: StateEvent = 'abort'): void {
  if (of.state === 'closed') return;
  of.testServer.handshakes.leave(of);
  over(of, isHeardToTheEnd(outcome) ? 'never' : 'given-up');
  // Of a connection that may go on nobody knows what the online server will answer.
  if (isHeardToTheEnd(outcome)) pair(of);
  move(of, event);
  of.outcome = outcome === 'completed' ? (of.endsFor ?? outcome) : outcome;
  of.deadline_ms = Infinity;
  of.host.finished(of, of.outcome);
  of.outbox.clear();
  of.client.clear();
  tellHeld(of);
}

/** Resets the copy on the test server and ends it; while nothing may be said, only if nobody will answer. */
export function giveUp(of: Session, reason: GiveUpReason): void {
  if (isConnected(of) && of.state !== 'time-wait') sendReset(of);
  finish(of, reason);
}

/** All that its client says in this connection, or before it was left out, has been heard. */
export const isHeardOut = ({ ending, outbox }: Session): boolean =>
  ending !== undefined && outbox.end >= ending.offset;

/** That, and it is delivered. */
export const isToldOut = (of: Session): boolean => isHeardOut(of) && sender.isDelivered(of);

/** The client is gone and all that it said was delivered. */
export function reset(of: Session): void {
  sendReset(of);
  finish(of, 'completed');
}

/**
 * A reset with the number that the test server expects next is never answered (RFC 9293, section 3.10.7.4; RFC 5961,
 * section 3.2), so that it needs no guard. That number is known once nothing is under way, and not before the handshake
 * is through: an older copy may still be there, and answer. Whether the reset arrived is not known, so that the copy is
 * left to whoever can see. So is one whose words are not acknowledged, even under a guard: what was lost of them is not
 * known either, and a reset behind them would be one that the test server does not expect.
 */
export function sendReset(of: Session): void {
  if (of.host.mustWait(of)) {
    of.leftOpen = !of.synOwed;
    const exact = of.sendNext === of.sentUntil && of.state !== 'syn-sent';
    if (of.synOwed || !exact || of.host.suspended_ms < UNDER_WAY_MAX_MS) return;
  } else of.leftOpen = !sender.isAcknowledged(of);
  if (of.state === 'syn-sent') speech.resetUnsynchronized(of, toSequence(of.saidFrom, of.initialSequence));
  else speech.reset(of, of.sendNext);
}

/** Once all is said and acknowledged, a test server may not keep the client's port for long when the client uses it again. */
export function limitClosing(of: Session): void {
  if (of.successor && isToldOut(of)) of.expireAt_ms = Math.min(of.expireAt_ms, of.host.now_ms + CLOSE_MAX_MS);
}

/** Why a segment that comes when the copy is over is of no use. */
export function afterwards({ outcome }: Session): DropReason {
  return outcome === 'completed' ? 'after-close' : 'given-up';
}

/** When bytes that were not captured, before others that were or before the end, are no longer waited for. */
export function holeEnds_ms(of: Session): number {
  let since_ms = of.client.holeSince_ms ?? Infinity;
  if (of.ending && of.ending.offset > of.outbox.end) since_ms = Math.min(since_ms, of.ending.at_ms);
  if (!of.ending && of.stoodAt > of.outbox.end) since_ms = Math.min(since_ms, of.stoodAt_ms);
  return since_ms + HOLE_MAX_MS;
}

/** When words of the client are too old to be said, or Infinity. */
export function tooLateAt_ms(of: Session): number {
  if (of.host.lateMax_ms === Infinity) return Infinity;
  return oldestUnsaid_ms(of) + of.host.lateMax_ms;
}

/** When the oldest words were captured that were not said yet, or Infinity. */
export function oldestUnsaid_ms(of: Session): number {
  if (of.outbox.end <= of.sentUntil) return Infinity;
  return of.outbox.pieceAt(of.sentUntil)?.at_ms ?? Infinity;
}

/** What every event ends with. */
export function schedule(of: Session): void {
  if (of.state === 'closed') return;
  of.deadline_ms = Math.min(
    of.retransmitAt_ms,
    of.probeAt_ms,
    of.holdAt_ms,
    of.acknowledgeAt_ms,
    of.expireAt_ms,
    holeEnds_ms(of),
    of.unansweredSince_ms + of.host.response_ms,
    tooLateAt_ms(of),
  );
  tellHeld(of);
  of.host.schedule(of);
}

function tellHeld(of: Session): void {
  const held_bytes = of.outbox.held_bytes + of.client.early_bytes;
  if (held_bytes !== of.toldHeld_bytes) of.host.holds(held_bytes - of.toldHeld_bytes);
  of.toldHeld_bytes = held_bytes;
}
