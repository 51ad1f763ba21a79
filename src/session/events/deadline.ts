/** What a session does when a time has come that it waited for. */
import { retransmitSyn } from '../connection/handshake';
import {
  finish,
  giveUp,
  holeEnds_ms,
  isConnected,
  isToldOut,
  limitClosing,
  reset,
  schedule,
  tooLateAt_ms,
} from '../connection/moves';
import { pump } from '../connection/pump';
import { endDoubted } from './loss';
import type { Session } from '../connection/session';
import * as receiver from '../receiving/receiver';
import * as sender from '../sending/sender';
import * as speech from '../sending/speech';
import type { GiveUpReason } from '../tables/counters';

export function woken(of: Session): void {
  const { now_ms } = of.host;
  if (of.state === 'closed') return;
  if (now_ms >= of.expireAt_ms) {
    expire(of);
    return;
  }
  const reason = givenUpFor(of);
  if (reason) {
    giveUp(of, reason);
    return;
  }
  if (now_ms >= of.retransmitAt_ms && !retransmit(of)) return;
  if (now_ms >= of.probeAt_ms && !of.host.mustWait(of)) sender.probe(of, now_ms);
  pump(of);
  if (of.outcome !== undefined) return;
  if (now_ms >= of.acknowledgeAt_ms) speech.acknowledge(of, of.sentUntil);
  limitClosing(of);
  schedule(of);
}

/** There are too many whose ends wait for what may still come. */
export function partAtOnce(of: Session): void {
  of.partsAtOnce = true;
  of.unansweredSince_ms = Infinity;
  pump(of);
  schedule(of);
}

function expire(of: Session): void {
  if (of.state === 'time-wait') finish(of, 'completed', 'expire');
  else if (of.isDoubted && !of.ending) endDoubted(of);
  else if (of.successor && isToldOut(of) && isConnected(of)) reset(of);
  else giveUp(of, 'idle');
}

function givenUpFor(of: Session): GiveUpReason | undefined {
  const { now_ms, response_ms } = of.host;
  if (now_ms >= holeEnds_ms(of)) return 'capture-hole';
  if (now_ms >= of.unansweredSince_ms + response_ms) return 'test-unanswered';
  if (now_ms >= tooLateAt_ms(of)) return 'late';
  return undefined;
}

/** @returns whether the copy goes on */
function retransmit(of: Session): boolean {
  if (of.state === 'syn-sent') return retransmitSyn(of);
  if (receiver.isClosed(of)) of.retriesBehindFin += 1;
  if (sender.timedOut(of, of.host.now_ms)) return true;
  giveUp(of, 'test-silent');
  return false;
}
