/** What a session does when the guard is armed again: what had to wait goes out, and none of it counts as waited for in vain. */
import { sendSyn } from '../connection/handshake';
import { isConnected, schedule } from '../connection/moves';
import { pump } from '../connection/pump';
import type { Session } from '../connection/session';
import * as exchange from '../exchange/exchange';
import * as sender from '../sending/sender';

export function armedAgain(of: Session, suspended_ms: number): void {
  const { now_ms } = of.host;
  if (of.state === 'closed' || !isConnected(of)) return;
  of.unansweredSince_ms = exchange.postponed(of.unansweredSince_ms, suspended_ms, now_ms);
  sender.postpone(of, suspended_ms, now_ms);
  exchange.postpone(of, suspended_ms, now_ms);
  if (of.state === 'syn-sent' && of.synOwed) sendSyn(of, false);
  pump(of);
  schedule(of);
}
