/** Says what may be said now: words, the client's end, or both in another connection. */
import * as receiver from '../receiving/receiver';
import * as sender from '../sending/sender';
import { behindFin } from './again';
import { isOpen, move, reset } from './moves';
import type { Session } from './session';

/** Whether the test server still listens on this connection; where it does not, words go on in another one. */
function mayBeHeard(of: Session): boolean {
  if (of.state === 'close-wait') return behindFin(of);
  // Its FIN has come, and something before it has not: that is sent again.
  return of.state !== 'established' || !receiver.isClosing(of);
}

export function pump(of: Session): void {
  const { host } = of;
  if (!isOpen(of) || host.mustWait(of)) return;
  const mayGoOn = mayBeHeard(of);
  if (!isOpen(of)) return;
  sender.pump(of, !mayGoOn, host.now_ms);
  if (of.finSent && (of.state === 'established' || of.state === 'close-wait')) move(of, 'fin-sent');
  const { ending } = of;
  if (ending?.kind !== 'rst' || !sender.isDelivered(of) || of.outbox.end < ending.offset) return;
  of.holdAt_ms = Infinity;
  if (!sender.mustPart(of, ending, host.now_ms)) reset(of);
}
