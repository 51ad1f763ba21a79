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
  of.isDoubted = false;
  const position = clientPosition.offsetAt(of, view);
  const acknowledged = clientPosition.take(of, view, position);
  exchange.begin(of, position);
  if (beganBefore(of, view, offset, position)) {
    giveUp(of, 'capture-hole');
    return undefined;
  }
  const said = take(of, view, offset, position);
  if (said === 'given-up') return undefined;
  if (view.payloadLength === 0 && offset > of.outbox.end) stand(of, offset);
  if (said) goOn(of);
  limitClosing(of);
  schedule(of);
  return said || acknowledged ? undefined : 'repeated';
}

/**
 * It was joined in the middle of a write, which was told out of its order: the beginning comes only now. A single byte before the
 * first one is a probe of a client that keeps its connection alive (RFC 1122, section 4.2.3.6), and a whole write is
 * another one, which the client did not wait for.
 */
function beganBefore(of: Session, view: SegmentView, offset: number, position: number): boolean {
  const end = offset + view.payloadLength;
  return (
    offset < 1 &&
    view.payloadLength > 1 &&
    (end > 1 || (end === 1 && !(view.flags & PSH))) &&
    position === 1 &&
    !of.exchangeOpened &&
    !of.finSent
  );
}

/** The client stands behind words, or behind an end, that were not captured. */
function stand(of: Session, offset: number): void {
  if (of.stoodAt <= of.outbox.end) of.stoodAt_ms = of.host.now_ms;
  of.stoodAt = Math.max(of.stoodAt, offset);
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

/**
 * There is no room for the connection any more: the client goes on without a copy, which ends once all that was said before
 * this segment is delivered and answered. Until a request begins behind another one it goes on.
 */
export function leaveOut(of: Session, view: SegmentView): void {
  const isFirst = of.outbox.end === 1;
  if (of.state === 'closed' || of.ending || isFirst || !beginsRequest(of, view)) return;
  endHere(of, 'left-out', clientPosition.offsetAt(of, view));
}

/** The copy ends behind what was heard of its client, which may go on. @param position where the client's reading stood */
export function endHere(of: Session, reason: NonNullable<Session['endsFor']>, position: number): void {
  of.endsFor = reason;
  end(of, 'fin', of.outbox.end, position);
  abandoned(of);
}

/** The segment lies behind the end: of this connection, so that its client has begun another one, or of its copy. */
export function isBeyond(of: Session, view: SegmentView): boolean {
  if (!of.ending) return false;
  const offset = offsetOf(of, view);
  return of.endsFor
    ? offset + Math.max(view.payloadLength, 1) > of.ending.offset
    : offset > of.ending.offset + 1;
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

const beginsRequest = (of: Session, view: SegmentView): boolean =>
  view.payloadLength > 0 &&
  offsetOf(of, view) === of.outbox.end &&
  of.client.isComplete &&
  of.client.early_bytes === 0 &&
  of.outbox.beginsAt(clientPosition.offsetAt(of, view));

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

/** The first ending counts, except that a reset overtakes a FIN; that it stands behind it, no byte is missing between. */
function end(of: Session, kind: Ending['kind'], seenAt: number, clientAcknowledged: number): boolean {
  if (seenAt < of.outbox.end) return false;
  if (of.ending && (of.ending.kind === 'rst' || kind === 'fin')) return false;
  const offset = Math.min(seenAt, of.ending?.offset ?? Infinity);
  of.ending = { kind, offset, clientAcknowledged, at_ms: of.host.now_ms };
  return true;
}
