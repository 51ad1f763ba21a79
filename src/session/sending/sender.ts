/**
 * The sending half of a virtual TCP client: what of the outbox goes out when (RFC 9293, section 3.8). It keeps the
 * client's segment boundaries, cuts what is larger than the path allows, and sends again what was lost.
 *
 * All positions are stream offsets.
 */
import * as answering from '../exchange/answering';
import * as exchange from '../exchange/exchange';
import { partUntil_ms } from '../exchange/parting';
import * as receiver from '../receiving/receiver';
import { seqDiff } from '../../wire/sequence';
import type { Ending } from '../stream/ending';
import { toSequence } from '../stream/offsets';
import type { Outbox, Piece } from '../stream/outbox';
import * as congestion from './congestion';
import * as lossTimer from './loss-timer';
import * as roundTrip from './rtt';
import { SEGMENT_BYTES_DEFAULT } from './segment';
import * as speech from './speech';

/** Longer without any progress, and the test server is taken as gone. */
const PROGRESS_MAX_MS = 60_000;

/** Of a connection with the test server, when it begins; positions are stream offsets. */
export const SENDER = {
  /** The first byte of the client's stream that is said on this connection. */
  saidFrom: 1,
  /** First offset that is not acknowledged. */
  unacknowledged: 0,
  /** Next offset to send; behind `sentUntil` while sending again. */
  sendNext: 1,
  /** Behind the highest offset ever sent. */
  sentUntil: 1,
  /** When to look at the retransmission timer, and at words that wait for their answer; Infinity for never. */
  retransmitAt_ms: Infinity,
  holdAt_ms: Infinity,
  /** Nothing may be said before. */
  wordsNotBefore_ms: -Infinity,
  peerSegment_bytes: SEGMENT_BYTES_DEFAULT,
  peerWindowEnd: 1,
  peerWindowScale: 0,
  /** The segment whose round trip is being measured; below 0 when none is. */
  timedOffset: -1,
  timedAt_ms: 0,
  progressAt_ms: 0,
  /** Since when the end waits for a test server that answers nothing; Infinity when it does not. */
  unansweredSince_ms: Infinity,
};

/** What the sender needs of its session. */
export type Sender = typeof SENDER &
  roundTrip.RoundTrip &
  congestion.Congestion &
  lossTimer.LossTimer &
  speech.Speaker &
  exchange.Exchange &
  answering.Answering & {
    readonly outbox: Outbox;
    readonly ending: Ending | undefined;
    finSent: boolean;
    /** The end waits no longer for what may still come. */
    readonly partsAtOnce: boolean;
    /** Our FIN went out although less had come than the client had read. */
    partedShort: boolean;
    readonly host: SenderHost;
  };

export interface SenderHost extends exchange.ExchangeHost, answering.AnsweringHost {
  /** Largest payload that the path takes at present. */
  readonly segmentMax_bytes: number;
  count(what: SenderCount): void;
  /** While the guard is suspended nothing may be transmitted; whoever asked is told when it may again. */
  mustWait(of: Sender): boolean;
  /** Words of the client wait for the answer before them. */
  countHeld(): void;
  /** To the test server and back. */
  tookRoundTrip(roundTrip_ms: number): void;
  /** The end waits for what the test server may still say. */
  lingers(of: Sender): void;
  /** A request was begun for the first time. @param late_ms how long it had waited since it was captured */
  countSent(late_ms: number): void;
}
export type SenderCount =
  | Parameters<exchange.ExchangeHost['count']>[0]
  | 'requests_said_again'
  | 'probes_zero_window'
  | 'probes_tail_loss';

const segmentSize_bytes = (of: Sender): number => Math.min(of.peerSegment_bytes, of.host.segmentMax_bytes);

const inFlight_bytes = (of: Sender): number => of.sentUntil - of.unacknowledged;

/** Whether a segment with this sequence number was sent, and is not acknowledged. */
export function isUnderWay(of: Sender, sequence: number): boolean {
  const ahead_bytes = seqDiff(sequence, toSequence(of.unacknowledged, of.initialSequence));
  return ahead_bytes >= 0 && ahead_bytes < inFlight_bytes(of);
}

/** Everything that the client said so far, its FIN included once sent, is acknowledged. */
export const isDelivered = (of: Sender): boolean => of.unacknowledged >= of.outbox.end;

/** The test server has acknowledged everything that was sent, SYN and FIN included: what it expects next is known. */
export const isAcknowledged = (of: Sender): boolean => of.unacknowledged >= of.sentUntil;

/** The test server has acknowledged something that the client said, on this connection. */
export const isHeard = (of: Sender): boolean => of.unacknowledged > of.saidFrom;

/** The handshake begins. */
export function begin(of: Sender, now_ms: number): void {
  of.progressAt_ms = now_ms;
}

/** For how long nothing has moved on. */
export function stalled_ms(of: Sender, now_ms: number): number {
  return now_ms - of.progressAt_ms;
}

/** The SYN goes out; what is sent again is not timed (RFC 6298, section 3). */
export function timeSyn(of: Sender, again: boolean, now_ms: number): void {
  of.timedOffset = again ? -1 : of.unacknowledged;
  of.timedAt_ms = now_ms;
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
  takeSample(of, of.saidFrom, now_ms);
  of.unacknowledged = of.saidFrom;
  of.peerWindowEnd = of.saidFrom + window_bytes;
  of.progressAt_ms = now_ms;
  of.retransmitAt_ms = Infinity;
}

/**
 * An acknowledgment of the test server.
 *
 * @param offset already unwrapped @param window as on the wire @param keepFrom what stands there may be needed again
 */
export function acknowledged(
  of: Sender,
  offset: number,
  window: number,
  pure: boolean,
  keepFrom: number,
  now_ms: number,
): void {
  if (offset > of.sentUntil || offset < of.unacknowledged) return;
  const windowEnd = offset + (window << of.peerWindowScale);
  const windowMoved = windowEnd !== of.peerWindowEnd;
  of.peerWindowEnd = Math.max(windowEnd, offset);
  if (offset > of.unacknowledged) {
    advance(of, offset, keepFrom, now_ms);
  } else if (pure && !windowMoved && inFlight_bytes(of) > 0) {
    const advice = congestion.duplicate(of, of.sentUntil, inFlight_bytes(of));
    if (advice === 'retransmit-first') sendFirstAgain(of);
    else lossTimer.reordered(of, now_ms);
  }
  if (isWindowClosed(of)) of.progressAt_ms = now_ms;
}

const isWindowClosed = (of: Sender): boolean => of.peerWindowEnd <= of.unacknowledged;

function advance(of: Sender, offset: number, keepFrom: number, now_ms: number): void {
  const acknowledged_bytes = offset - of.unacknowledged;
  of.unacknowledged = offset;
  of.sendNext = Math.max(of.sendNext, offset);
  of.outbox.release(Math.min(offset, keepFrom));
  of.progressAt_ms = now_ms;
  if (!takeSample(of, offset, now_ms)) roundTrip.recover(of);
  const advice = congestion.acknowledged(of, offset, acknowledged_bytes);
  of.retransmitAt_ms = of.probeAt_ms = Infinity;
  if (inFlight_bytes(of) > 0) {
    of.retransmitAt_ms = now_ms + of.retransmitAfter_ms;
    lossTimer.arm(of, now_ms);
  }
  if (advice === 'retransmit-first') sendFirstAgain(of);
}

/** @returns whether what was timed is acknowledged by `offset` */
function takeSample(of: Sender, offset: number, now_ms: number): boolean {
  if (of.timedOffset < 0 || offset <= of.timedOffset) return false;
  const roundTrip_ms = now_ms - of.timedAt_ms;
  roundTrip.sample(of, roundTrip_ms);
  of.host.tookRoundTrip(roundTrip_ms);
  of.timedOffset = -1;
  return true;
}

/** Sends what may go now, and sets its timers. @param isClosed the test server hears nothing new on this connection */
export function pump(of: Sender, isClosed: boolean, now_ms: number): void {
  of.holdAt_ms = Infinity;
  const end = isClosed ? Math.min(of.sentUntil, of.outbox.end) : of.outbox.end;
  while (of.sendNext < end) {
    const piece = of.outbox.pieceAt(of.sendNext)!;
    if (mustHold(of, piece, now_ms)) break;
    const start = of.sendNext - piece.offset;
    const wanted = Math.min(piece.length - start, segmentSize_bytes(of));
    const allowed = allowed_bytes(of);
    // A part of a segment goes out only when nothing else will bring an acknowledgment (RFC 9293, section 3.8.6.2.1).
    if (allowed <= 0 || (allowed < wanted && of.sendNext > of.unacknowledged)) break;
    transmit(of, piece, start, Math.min(wanted, allowed), now_ms);
  }
  const { ending } = of;
  if (
    !isClosed &&
    ending?.kind === 'fin' &&
    of.sendNext === ending.offset &&
    of.outbox.end === ending.offset
  ) {
    if (!mustPart(of, ending, now_ms)) {
      of.partedShort = of.responseNext - 1 < ending.clientAcknowledged - of.onlineStart;
      transmitFin(of, now_ms);
    }
  }
  armTimer(of, end, now_ms);
}

/** Words that were already sent are not held back again. */
function mustHold(of: Sender, { offset, clientAcknowledged }: Piece, now_ms: number): boolean {
  if (of.sendNext !== offset || of.sendNext < of.sentUntil) return false;
  if (now_ms < of.wordsNotBefore_ms) {
    of.holdAt_ms = of.wordsNotBefore_ms;
    return true;
  }
  if (receiver.isClosed(of)) return false;
  if (!of.host.waitForAnswers) {
    exchange.letGoAtOnce(of, clientAcknowledged, now_ms);
    return false;
  }
  const until_ms = exchange.holdUntil_ms(of, offset, clientAcknowledged, isAcknowledged(of), now_ms);
  if (until_ms === undefined) return false;
  of.holdAt_ms = until_ms;
  of.host.countHeld();
  return true;
}

/** @returns whether the end has to wait */
export function mustPart(of: Sender, { kind, clientAcknowledged }: Ending, now_ms: number): boolean {
  if (of.sendNext < of.sentUntil || !of.host.waitForAnswers || of.partsAtOnce || receiver.isClosed(of))
    return false;
  const until_ms = partUntil_ms(of, clientAcknowledged, of.responseNext - 1, kind, now_ms);
  if (until_ms === undefined) return false;
  if (until_ms === Infinity) of.unansweredSince_ms = Math.min(of.unansweredSince_ms, now_ms);
  of.holdAt_ms = until_ms;
  of.host.lingers(of);
  return true;
}

function allowed_bytes(of: Sender): number {
  const byWindow = of.peerWindowEnd - of.sendNext;
  const byCongestion = of.unacknowledged + of.congestionWindow_bytes - of.sendNext;
  return Math.floor(Math.min(byWindow, byCongestion));
}

function transmit(of: Sender, piece: Piece, start: number, length: number, now_ms: number): void {
  const again = of.sendNext < of.sentUntil;
  if (!again && start === 0) begun(of, piece, now_ms);
  if (!again) answering.spoken(of, now_ms);
  speech.data(of, of.sendNext, piece, start, length, false, again);
  sent(of, length, again, now_ms);
}

/** The first byte of a piece goes out on this connection. */
function begun(of: Sender, piece: Piece, now_ms: number): void {
  exchange.said(of, piece, now_ms);
  if (piece.begins) {
    answering.asked(of, piece.offset, piece.clientAcknowledged, of.missed === 'answer');
    if (piece.said === 0) of.host.countSent(now_ms - piece.at_ms);
    else of.host.count('requests_said_again');
  }
  piece.said += 1;
}

function transmitFin(of: Sender, now_ms: number): void {
  const again = of.sendNext < of.sentUntil;
  speech.data(of, of.sendNext, undefined, 0, 0, true, again);
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
  if (!again) lossTimer.arm(of, now_ms);
}

function sendFirstAgain(of: Sender): void {
  of.timedOffset = -1;
  // While nothing may be said it waits for its timer.
  if (of.host.mustWait(of)) return;
  lossTimer.probed(of);
  const piece = of.outbox.pieceAt(of.unacknowledged);
  if (!piece) {
    if (of.finSent) speech.data(of, of.unacknowledged, undefined, 0, 0, true, true);
    return;
  }
  const start = of.unacknowledged - piece.offset;
  const length = Math.min(piece.length - start, segmentSize_bytes(of), of.sentUntil - of.unacknowledged);
  speech.data(of, of.unacknowledged, piece, start, length, false, true);
}

/** What is in flight may be lost: its first segment is sent again. */
export function probe(of: Sender, now_ms: number): void {
  of.probeAt_ms = Infinity;
  if (inFlight_bytes(of) === 0 || isWindowClosed(of)) return;
  of.host.count('probes_tail_loss');
  sendFirstAgain(of);
  // The time-out is counted from the probe (RFC 8985, section 7.3).
  of.retransmitAt_ms = now_ms + of.retransmitAfter_ms;
}

/** Nothing could be sent for so long, until now. */
export function postpone(of: Sender, suspended_ms: number, now_ms: number): void {
  of.progressAt_ms = exchange.postponed(of.progressAt_ms, suspended_ms, now_ms);
}

/** A closed window with words behind it is probed on the retransmission timer (RFC 9293, section 3.8.6.1). */
function armTimer(of: Sender, end: number, now_ms: number): void {
  if (inFlight_bytes(of) > 0) return;
  of.probeAt_ms = Infinity;
  const blocked = of.sendNext < end && of.holdAt_ms === Infinity;
  if (!blocked) of.retransmitAt_ms = Infinity;
  else if (of.retransmitAt_ms === Infinity) of.retransmitAt_ms = now_ms + of.retransmitAfter_ms;
}

/** The retransmission timer expired. @returns false when the test server is to be given up */
export function timedOut(of: Sender, now_ms: number): boolean {
  roundTrip.backOff(of);
  of.retransmitAt_ms = now_ms + of.retransmitAfter_ms;
  of.probeAt_ms = Infinity;
  if (stalled_ms(of, now_ms) > PROGRESS_MAX_MS) return false;
  of.timedOffset = -1;
  of.sendNext = of.unacknowledged;
  if (inFlight_bytes(of) === 0 || isWindowClosed(of)) {
    of.host.count('probes_zero_window');
    speech.acknowledge(of, of.unacknowledged - 1);
  } else congestion.timedOut(of, inFlight_bytes(of));
  return true;
}
