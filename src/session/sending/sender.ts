/**
 * The sending half of a virtual TCP client: what of the outbox goes out when (RFC 9293, section 3.8). It keeps the
 * client's segment boundaries, cuts what is larger than the path allows, and sends again what was lost.
 *
 * All positions are stream offsets.
 */
import { SEGMENT_BYTES_DEFAULT } from '../connection/birth';
import * as congestion from './congestion';
import { FOR_ENDING, FOR_WORDS, postponed, type Patience } from '../exchange/exchange';
import * as roundTrip from './rtt';
import type { Outbox, Piece } from '../stream/outbox';

/** Longer without any progress, and the test server is taken as gone. */
const PROGRESS_MAX_MS = 60_000;

/** How the client's side of the connection ends, behind the last byte. */
export interface Ending {
  readonly kind: 'fin' | 'rst';
  readonly offset: number;
  readonly clientAcknowledged: number;
  /** When the client said so. */
  readonly at_ms: number;
}

/** What a session begins with; positions are stream offsets. */
export const SENDER = {
  /** First offset that is not acknowledged. */
  unacknowledged: 0,
  /** Next offset to send; behind `sentUntil` while sending again. */
  sendNext: 1,
  /** Behind the highest offset ever sent. */
  sentUntil: 1,
  /** When to look at the retransmission timer, and at words that wait for their answer; Infinity for never. */
  retransmitAt_ms: Infinity,
  holdAt_ms: Infinity,
  peerSegment_bytes: SEGMENT_BYTES_DEFAULT,
  peerWindowEnd: 1,
  peerWindowScale: 0,
  /** The segment whose round trip is being measured; below 0 when none is. */
  timedOffset: -1,
  timedAt_ms: 0,
  progressAt_ms: 0,
};

/** What the sender needs of its session. */
export type Sender = typeof SENDER &
  roundTrip.RoundTrip &
  congestion.Congestion & {
    readonly outbox: Outbox;
    finSent: boolean;
    /** Largest payload that the path takes at present. */
    readonly segmentMax_bytes: number;
    /** Puts `length` bytes of `piece` from `start` on the wire at `offset`; `piece` is undefined for a bare FIN. */
    sendData(
      offset: number,
      piece: Piece | undefined,
      start: number,
      length: number,
      fin: boolean,
      again: boolean,
    ): void;
    /** Asks for a window with a segment that the test server must answer. */
    sendProbe(): void;
    /** May words spoken at this point of the online server's stream go out? Else when to ask again. */
    holdUntil_ms(clientAcknowledged: number, patience: Patience): number | undefined;
  };

const segmentSize_bytes = (of: Sender): number => Math.min(of.peerSegment_bytes, of.segmentMax_bytes);

const inFlight_bytes = (of: Sender): number => of.sentUntil - of.unacknowledged;

/** Everything that the client said so far, its FIN included once sent, is acknowledged. */
export const isDelivered = (of: Sender): boolean => of.unacknowledged >= of.outbox.end;

/** The test server has acknowledged everything that was sent, SYN and FIN included: what it expects next is known. */
export const isAcknowledged = (of: Sender): boolean => of.unacknowledged >= of.sentUntil;

/** The handshake begins. */
export function begin(of: Sender, now_ms: number): void {
  of.progressAt_ms = now_ms;
}

/** For how long nothing has moved on. */
export function stalled_ms(of: Sender, now_ms: number): number {
  return now_ms - of.progressAt_ms;
}

/** The handshake is through. @param segment_bytes largest payload that the peer takes, if it said so */
export function open(
  of: Sender,
  segment_bytes: number | undefined,
  windowScale: number,
  window_bytes: number,
  now_ms: number,
): void {
  of.peerSegment_bytes = Math.max(1, segment_bytes ?? SEGMENT_BYTES_DEFAULT);
  congestion.begin(of, segmentSize_bytes(of));
  of.peerWindowScale = windowScale;
  of.unacknowledged = 1;
  of.peerWindowEnd = 1 + window_bytes;
  of.progressAt_ms = now_ms;
  of.retransmitAt_ms = Infinity;
}

/** An acknowledgment of the test server. @param offset already unwrapped @param window as on the wire */
export function acknowledged(
  of: Sender,
  offset: number,
  window: number,
  pure: boolean,
  now_ms: number,
): void {
  if (offset > of.sentUntil || offset < of.unacknowledged) return;
  const windowEnd = offset + window * 2 ** of.peerWindowScale;
  const windowMoved = windowEnd !== of.peerWindowEnd;
  of.peerWindowEnd = Math.max(windowEnd, offset);
  if (offset > of.unacknowledged) {
    advance(of, offset, now_ms);
  } else if (pure && !windowMoved && inFlight_bytes(of) > 0) {
    if (congestion.duplicate(of, of.sentUntil, inFlight_bytes(of)) === 'retransmit-first') sendFirstAgain(of);
  }
  if (isWindowClosed(of)) of.progressAt_ms = now_ms;
}

const isWindowClosed = (of: Sender): boolean => of.peerWindowEnd <= of.unacknowledged;

function advance(of: Sender, offset: number, now_ms: number): void {
  const acknowledged_bytes = offset - of.unacknowledged;
  of.unacknowledged = offset;
  of.sendNext = Math.max(of.sendNext, offset);
  of.outbox.release(offset);
  of.progressAt_ms = now_ms;
  if (of.timedOffset >= 0 && offset > of.timedOffset) {
    roundTrip.sample(of, now_ms - of.timedAt_ms);
    of.timedOffset = -1;
  } else {
    roundTrip.recover(of);
  }
  const advice = congestion.acknowledged(of, offset, acknowledged_bytes);
  of.retransmitAt_ms = inFlight_bytes(of) > 0 ? now_ms + of.retransmitAfter_ms : Infinity;
  if (advice === 'retransmit-first') sendFirstAgain(of);
}

/** Sends what may go now, and sets both timers. */
export function pump(of: Sender, ending: Ending | undefined, now_ms: number): void {
  of.holdAt_ms = Infinity;
  while (of.sendNext < of.outbox.end) {
    const piece = of.outbox.pieceAt(of.sendNext)!;
    if (mustHold(of, piece.offset, piece.clientAcknowledged, FOR_WORDS)) break;
    const start = of.sendNext - piece.offset;
    const wanted = Math.min(piece.bytes.length - start, segmentSize_bytes(of));
    const allowed = allowed_bytes(of);
    // A part of a segment goes out only when nothing else will bring an acknowledgment (RFC 9293, section 3.8.6.2.1).
    if (allowed <= 0 || (allowed < wanted && of.sendNext > of.unacknowledged)) break;
    transmit(of, piece, start, Math.min(wanted, allowed), now_ms);
  }
  if (ending?.kind === 'fin' && of.sendNext === ending.offset && of.outbox.end === ending.offset) {
    if (!mustHold(of, ending.offset, ending.clientAcknowledged, FOR_ENDING)) transmitFin(of, now_ms);
  }
  armTimer(of, now_ms);
}

/** Words that were already sent are not held back again. */
function mustHold(of: Sender, offset: number, clientAcknowledged: number, patience: Patience): boolean {
  if (of.sendNext !== offset || of.sendNext < of.sentUntil) return false;
  const until_ms = of.holdUntil_ms(clientAcknowledged, patience);
  if (until_ms === undefined) return false;
  of.holdAt_ms = until_ms;
  return true;
}

function allowed_bytes(of: Sender): number {
  const byWindow = of.peerWindowEnd - of.sendNext;
  const byCongestion = of.unacknowledged + of.congestionWindow_bytes - of.sendNext;
  return Math.floor(Math.min(byWindow, byCongestion));
}

function transmit(of: Sender, piece: Piece, start: number, length: number, now_ms: number): void {
  const again = of.sendNext < of.sentUntil;
  of.sendData(of.sendNext, piece, start, length, false, again);
  sent(of, length, again, now_ms);
}

function transmitFin(of: Sender, now_ms: number): void {
  const again = of.sendNext < of.sentUntil;
  of.sendData(of.sendNext, undefined, 0, 0, true, again);
  of.finSent = true;
  sent(of, 1, again, now_ms);
}

function sent(of: Sender, length: number, again: boolean, now_ms: number): void {
  if (!again && of.timedOffset < 0) {
    of.timedOffset = of.sendNext;
    of.timedAt_ms = now_ms;
  }
  if (inFlight_bytes(of) === 0) {
    of.retransmitAt_ms = now_ms + of.retransmitAfter_ms;
    of.progressAt_ms = now_ms;
  }
  of.sendNext += length;
  of.sentUntil = Math.max(of.sentUntil, of.sendNext);
}

function sendFirstAgain(of: Sender): void {
  of.timedOffset = -1;
  const piece = of.outbox.pieceAt(of.unacknowledged);
  if (!piece) {
    if (of.finSent) of.sendData(of.unacknowledged, undefined, 0, 0, true, true);
    return;
  }
  const start = of.unacknowledged - piece.offset;
  const length = Math.min(
    piece.bytes.length - start,
    segmentSize_bytes(of),
    of.sentUntil - of.unacknowledged,
  );
  of.sendData(of.unacknowledged, piece, start, length, false, true);
}

/** Nothing could be sent for so long, until now. */
export function postpone(of: Sender, suspended_ms: number, now_ms: number): void {
  of.progressAt_ms = postponed(of.progressAt_ms, suspended_ms, now_ms);
}

/** A closed window with words behind it is probed on the retransmission timer (RFC 9293, section 3.8.6.1). */
function armTimer(of: Sender, now_ms: number): void {
  if (inFlight_bytes(of) > 0) return;
  const blocked = of.sendNext < of.outbox.end && of.holdAt_ms === Infinity;
  if (!blocked) of.retransmitAt_ms = Infinity;
  else if (of.retransmitAt_ms === Infinity) of.retransmitAt_ms = now_ms + of.retransmitAfter_ms;
}

/** The retransmission timer expired. @returns false when the test server is to be given up */
export function timedOut(of: Sender, now_ms: number): boolean {
  roundTrip.backOff(of);
  of.retransmitAt_ms = now_ms + of.retransmitAfter_ms;
  if (stalled_ms(of, now_ms) > PROGRESS_MAX_MS) return false;
  of.timedOffset = -1;
  of.sendNext = of.unacknowledged;
  if (inFlight_bytes(of) === 0 || isWindowClosed(of)) of.sendProbe();
  else congestion.timedOut(of, inFlight_bytes(of));
  return true;
}
