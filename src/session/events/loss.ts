/**
 * What a session does when packets of clients were lost, of whom nobody knows. Its client's end may have been among them; or
 * the client is silent because it has nothing to say. So behind a silence the copy ends where nothing is lost by it, and the
 * connection is joined again at its next request.
 */
import { isHeardOut, schedule } from '../connection/moves';
import type { Session } from '../connection/session';
import { offset } from '../stream/client-position';
import { endHere } from './segment';

/** A client that says something again because it was lost does so within this time. */
const SILENT_MS = 5000;
/** Who waits for an answer may be silent for longer; and where connections are not joined, there is more to lose. */
const SILENT_LONG_MS = 60_000;

/** Packets were lost just now. */
export function doubt(of: Session): void {
  if (of.state === 'closed' || isHeardOut(of)) return;
  const { now_ms, wholeConnectionsOnly } = of.host;
  const hasRead = of.client.isComplete && of.outbox.beginsAt(offset(of));
  const silent_ms = hasRead && !wholeConnectionsOnly ? SILENT_MS : SILENT_LONG_MS;
  of.isDoubted = true;
  of.expireAt_ms = Math.min(of.expireAt_ms, now_ms + silent_ms);
  schedule(of);
}

/** Its client was silent ever since. */
export function endDoubted(of: Session): void {
  of.isDoubted = false;
  of.expireAt_ms = of.host.now_ms + of.host.idle_ms;
  endHere(of, 'capture-hole', offset(of));
}
