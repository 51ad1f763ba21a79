/** How a connection with the test server is asked for, and what an older one of the same address and port is told. */
import { seqAdd } from '../../wire/sequence';
import type { Reply } from '../../wire/reply';
import * as roundTrip from '../sending/rtt';
import * as sender from '../sending/sender';
import * as speech from '../sending/speech';
import { toSequence } from '../stream/offsets';
import { finish, giveUp, move, schedule, UNDER_WAY_MAX_MS } from './moves';
import type { Session } from './session';

const HANDSHAKE_MAX_MS = 63_000;
/** Refusals of our SYN by a remnant of an older connection, after each of which it is reset and asked again. */
const CHALLENGES_MAX = 5;

/** Sends the SYN, unless the test server is to be given time. */
export function start(of: Session): void {
  const { now_ms } = of.host;
  sender.begin(of, now_ms);
  if (of.state !== 'syn-sent') {
    if (!of.testServer.handshakes.mayBegin(of, now_ms)) return;
    move(of, 'start');
  }
  if (of.smoothedRoundTrip_ms < 0 && of.testServer.roundTrip_ms >= 0)
    roundTrip.sample(of, of.testServer.roundTrip_ms);
  roundTrip.recover(of);
  sendSyn(of, false);
  schedule(of);
}

export function sendSyn(of: Session, again: boolean): void {
  of.synOwed = of.host.mustWait(of);
  sender.timeSyn(of, again, of.host.now_ms);
  if (!of.synOwed) speech.syn(of, again);
  of.retransmitAt_ms = of.host.now_ms + of.retransmitAfter_ms;
}

/** No answer. @returns whether the copy goes on */
export function retransmitSyn(of: Session): boolean {
  if (sender.stalled_ms(of, of.host.now_ms) > HANDSHAKE_MAX_MS) {
    giveUp(of, 'test-unreachable');
    return false;
  }
  roundTrip.backOff(of);
  if (of.remnantAt < 0) sendSyn(of, true);
  else resetRemnant(of, of.remnantAt);
  return of.outcome === undefined;
}

/**
 * A remnant of an older connection answers: RFC 9293, section 3.10.7.3, it is reset and asked again. An acknowledgment
 * of just what we asked can also have been under way when an older copy ended, and several are more likely to have
 * been: then a reset could hit the connection that our SYN has begun, so it is sent only when nothing else answers. The
 * same goes for what may have been said on the connection of this copy before, and an acknowledgment of its FIN is no
 * refusal at all. Under an address of this machine it may be no remnant, but the connection of a program: that is left in
 * peace.
 */
export function challenged(of: Session, { acknowledgment }: Reply, acceptable: boolean): void {
  const isNext = of.connections > 1;
  if (isNext && acknowledgment === seqAdd(toSequence(of.saidFrom - 1, of.initialSequence), -1)) return;
  if (leftToProgram(of)) return;
  of.remnantAt = acknowledgment;
  if (!acceptable && !isNext && of.challenges === 0 && !of.host.mustWait(of))
    resetRemnant(of, acknowledgment);
  else of.retransmitAt_ms = Math.min(of.retransmitAt_ms, of.host.now_ms + UNDER_WAY_MAX_MS);
}

/** From another source endpoint there is none. */
export function forgetRemnant(of: Session): void {
  of.remnantAt = -1;
  of.challenges = 0;
}

/** @returns whether the copy goes elsewhere, or ends */
function leftToProgram(of: Session): boolean {
  if (!of.host.isHeld(of)) return false;
  of.host.unroutable(of);
  return true;
}

function resetRemnant(of: Session, at: number): void {
  if (leftToProgram(of)) return;
  of.host.count('handshake_challenges');
  of.challenges += 1;
  if (of.challenges > CHALLENGES_MAX) {
    of.leftOpen = true;
    finish(of, 'test-unreachable');
    return;
  }
  of.remnantAt = -1;
  speech.resetUnsynchronized(of, at);
  sendSyn(of, true);
}
