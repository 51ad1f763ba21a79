/** What a session does when a segment of its client was captured, or when its client goes. */
import { toOffset, toSequence } from '../stream/offsets';
import * as clientPosition from '../stream/client-position';
import type { Ending } from '../stream/ending';
import * as exchange from '../exchange/exchange';
import { resume } from '../connection/again';
import { afterwards, finish, giveUp, limitClosing, schedule } from '../connection/moves';
import { pump } from '../connection/pump';
import type { Session } from '../connection/session';
import type { LastWords } from '../tables/boundary-watch';
import type { DropReason } from '../tables/counters';
import type { SegmentView } from '../../wire/segment';
import { FIN, PSH, RST, SYN } from '../../wire/tcp';

/**
 * Captured positions further away than this belong to another connection on the same port. RFC 7323 allows windows of
 * 1 GiB; no system opens one beyond this by default.
 */
const WINDOW_MAX_BYTES = 64 * 1024 * 1024;
const HELD_MAX_BYTES = 64 * 1024 * 1024;

/** A segment of the client; of a SYN only what it carries. @returns why it was of no use, or undefined */
export function captured(of: Session, view: SegmentView): DropReason | undefined {
  if (of.state === 'closed') return afterwards(of);
  const offset = offsetOf(of, view);
  if (Math.abs(offset - of.outbox.end) > WINDOW_MAX_BYTES) return 'out-of-window';
  if (of.state !== 'time-wait') of.expireAt_ms = of.host.now_ms + of.host.idle_ms;
  const position = clientPosition.offsetAt(of, view);
  const acknowledged = clientPosition.take(of, view, position);
  exchange.begin(of, position);
  const said = take(of, view, offset, position);
  if (said === 'given-up') return undefined;
  if (said) goOn(of);
  limitClosing(of);
  schedule(of);
  return said || acknowledged ? undefined : 'repeated';
}

/** The client has begun a new connection on the same port: this one has little time left to come to its end. */
export function abandoned(of: Session): void {
  if (of.state === 'closed') return;
  // What stands behind a hole is part of it, and waits for the hole to be filled.
  if (!of.ending) end(of, 'rst', of.client.seenEnd, clientPosition.offset(of));
  if (of.state === 'time-wait') finish(of, 'completed');
  else goOn(of);
  limitClosing(of);
  schedule(of);
}

/** The segment lies behind the end of this connection: the client has begun another one on its port. */
export function isBeyond(of: Session, view: SegmentView): boolean {
  return of.ending !== undefined && offsetOf(of, view) > of.ending.offset + 1;
}

/** How far a segment lies from where this client's stream has come. */
export const distance_bytes = (of: Session, view: SegmentView): number =>
  Math.abs(offsetOf(of, view) - of.outbox.end);

/** Where the client's words end that were taken, for whoever joins the connection again. */
export const lastWords = (of: Session): LastWords => ({
  end: toSequence(of.client.seenEnd, of.clientInitialSequence),
  acknowledgment: clientPosition.acknowledgment(of),
  complete: of.client.isComplete,
});

/** Of the first byte that it carries. */
const offsetOf = (of: Session, view: SegmentView): number =>
  toOffset(view.sequence, of.clientInitialSequence, of.outbox.end) + (view.flags & SYN ? 1 : 0);

function goOn(of: Session): void {
  if (of.state === 'between') resume(of);
  else pump(of);
}

function take(of: Session, view: SegmentView, offset: number, position: number): boolean | 'given-up' {
  let said = false;
  if (view.payloadLength > 0) {
    const outcome = of.client.arrive(
      view.bytes,
      view.payloadOffset,
      view.payloadLength,
      offset,
      (view.flags & PSH) !== 0,
      position,
      of.host.now_ms,
    );
    if (outcome === 'overflow' || of.outbox.held_bytes > HELD_MAX_BYTES) {
      giveUp(of, outcome === 'overflow' ? 'capture-hole' : 'session-memory');
      return 'given-up';
    }
    said = outcome === 'kept';
  }
  if (view.flags & RST) return end(of, 'rst', Math.max(offset, of.outbox.end), position) || said;
  if (view.flags & FIN) return end(of, 'fin', offset + view.payloadLength, position) || said;
  return said;
}

/** The first ending counts, except that a reset overtakes a FIN. */
function end(of: Session, kind: Ending['kind'], offset: number, clientAcknowledged: number): boolean {
  if (offset < of.outbox.end) return false;
  if (of.ending && (of.ending.kind === 'rst' || kind === 'fin')) return false;
  of.ending = { kind, offset, clientAcknowledged, at_ms: of.host.now_ms };
  return true;
}
