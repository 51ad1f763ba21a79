/**
 * The sending half of a virtual TCP client: what of the outbox goes out when (RFC 9293, section 3.8). It keeps the
 * client's segment boundaries, cuts what is larger than the path allows, and sends again what was lost.
 *
 * All positions are stream offsets.
 */
import { SEGMENT_BYTES_DEFAULT } from './birth';
import { CongestionWindow } from './congestion';
import { FOR_ENDING, FOR_WORDS, postponed, type Patience } from './exchange';
import { RoundTrip } from './rtt';
import type { Outbox, Piece } from './outbox';

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

/** What the sender needs of its session. */
export interface SenderHost {
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
}

export class Sender {
  /** First offset that is not acknowledged. */
  unacknowledged = 0;
  /** Next offset to send; behind `sentUntil` while sending again. */
  next = 1;
  /** Behind the highest offset ever sent. */
  sentUntil = 1;
  /** When to look at the retransmission timer, and at words that wait for their answer; Infinity for never. */
  retransmitAt_ms = Infinity;
  holdAt_ms = Infinity;
  finSent = false;

  readonly roundTrip = new RoundTrip();
  #peerSegment_bytes = SEGMENT_BYTES_DEFAULT;
  #congestion = new CongestionWindow(SEGMENT_BYTES_DEFAULT);
  #windowEnd = 1;
  #windowScale = 0;
  /** The segment whose round trip is being measured. */
  #timedOffset = -1;
  #timedAt_ms = 0;
  #progressAt_ms = 0;

  constructor(
    private readonly outbox: Outbox,
    private readonly host: SenderHost,
  ) {}

  get #segment_bytes(): number {
    return Math.min(this.#peerSegment_bytes, this.host.segmentMax_bytes);
  }

  get inFlight_bytes(): number {
    return this.sentUntil - this.unacknowledged;
  }

  /** Everything that the client said so far, its FIN included once sent, is acknowledged. */
  get delivered(): boolean {
    return this.unacknowledged >= this.outbox.end;
  }

  /** The handshake begins. */
  begin(now_ms: number): void {
    this.#progressAt_ms = now_ms;
  }

  /** For how long nothing has moved on. */
  stalled_ms(now_ms: number): number {
    return now_ms - this.#progressAt_ms;
  }

  /** The handshake is through. @param segment_bytes largest payload that the peer takes, if it said so */
  open(segment_bytes: number | undefined, windowScale: number, window_bytes: number, now_ms: number): void {
    this.#peerSegment_bytes = Math.max(1, segment_bytes ?? SEGMENT_BYTES_DEFAULT);
    this.#congestion = new CongestionWindow(this.#segment_bytes);
    this.#windowScale = windowScale;
    this.unacknowledged = 1;
    this.#windowEnd = 1 + window_bytes;
    this.#progressAt_ms = now_ms;
    this.retransmitAt_ms = Infinity;
  }

  /** An acknowledgment of the test server. @param offset already unwrapped @param window as on the wire */
  acknowledged(offset: number, window: number, pure: boolean, now_ms: number): void {
    if (offset > this.sentUntil || offset < this.unacknowledged) return;
    const windowEnd = offset + window * 2 ** this.#windowScale;
    const windowMoved = windowEnd !== this.#windowEnd;
    this.#windowEnd = Math.max(windowEnd, offset);
    if (offset > this.unacknowledged) {
      this.#advance(offset, now_ms);
    } else if (pure && !windowMoved && this.inFlight_bytes > 0) {
      if (this.#congestion.duplicate(this.sentUntil, this.inFlight_bytes) === 'retransmit-first')
        this.#sendFirstAgain();
    }
    if (this.#windowClosed) this.#progressAt_ms = now_ms;
  }

  get #windowClosed(): boolean {
    return this.#windowEnd <= this.unacknowledged;
  }

  #advance(offset: number, now_ms: number): void {
    const acknowledged_bytes = offset - this.unacknowledged;
    this.unacknowledged = offset;
    this.next = Math.max(this.next, offset);
    this.outbox.release(offset);
    this.#progressAt_ms = now_ms;
    if (this.#timedOffset >= 0 && offset > this.#timedOffset) {
      this.roundTrip.sample(now_ms - this.#timedAt_ms);
      this.#timedOffset = -1;
    } else {
      this.roundTrip.recover();
    }
    const advice = this.#congestion.acknowledged(offset, acknowledged_bytes);
    this.retransmitAt_ms = this.inFlight_bytes > 0 ? now_ms + this.roundTrip.timeout_ms : Infinity;
    if (advice === 'retransmit-first') this.#sendFirstAgain();
  }

  /** Sends what may go now, and sets both timers. */
  pump(ending: Ending | undefined, now_ms: number): void {
    this.holdAt_ms = Infinity;
    while (this.next < this.outbox.end) {
      const piece = this.outbox.pieceAt(this.next)!;
      if (this.#mustHold(piece.offset, piece.clientAcknowledged, FOR_WORDS)) break;
      const start = this.next - piece.offset;
      const wanted = Math.min(piece.bytes.length - start, this.#segment_bytes);
      const allowed = this.#allowed_bytes();
      // A part of a segment goes out only when nothing else will bring an acknowledgment (RFC 9293, section 3.8.6.2.1).
      if (allowed <= 0 || (allowed < wanted && this.next > this.unacknowledged)) break;
      this.#transmit(piece, start, Math.min(wanted, allowed), now_ms);
    }
    if (ending?.kind === 'fin' && this.next === ending.offset && this.outbox.end === ending.offset) {
      if (!this.#mustHold(ending.offset, ending.clientAcknowledged, FOR_ENDING)) this.#transmitFin(now_ms);
    }
    this.#armTimer(now_ms);
  }

  /** Words that were already sent are not held back again. */
  #mustHold(offset: number, clientAcknowledged: number, patience: Patience): boolean {
    if (this.next !== offset || this.next < this.sentUntil) return false;
    const until_ms = this.host.holdUntil_ms(clientAcknowledged, patience);
    if (until_ms === undefined) return false;
    this.holdAt_ms = until_ms;
    return true;
  }

  #allowed_bytes(): number {
    const byWindow = this.#windowEnd - this.next;
    const byCongestion = this.unacknowledged + this.#congestion.window_bytes - this.next;
    return Math.floor(Math.min(byWindow, byCongestion));
  }

  #transmit(piece: Piece, start: number, length: number, now_ms: number): void {
    const again = this.next < this.sentUntil;
    this.host.sendData(this.next, piece, start, length, false, again);
    this.#sent(length, again, now_ms);
  }

  #transmitFin(now_ms: number): void {
    const again = this.next < this.sentUntil;
    this.host.sendData(this.next, undefined, 0, 0, true, again);
    this.finSent = true;
    this.#sent(1, again, now_ms);
  }

  #sent(length: number, again: boolean, now_ms: number): void {
    if (!again && this.#timedOffset < 0) {
      this.#timedOffset = this.next;
      this.#timedAt_ms = now_ms;
    }
    if (this.inFlight_bytes === 0) {
      this.retransmitAt_ms = now_ms + this.roundTrip.timeout_ms;
      this.#progressAt_ms = now_ms;
    }
    this.next += length;
    this.sentUntil = Math.max(this.sentUntil, this.next);
  }

  #sendFirstAgain(): void {
    this.#timedOffset = -1;
    const piece = this.outbox.pieceAt(this.unacknowledged);
    if (!piece) {
      if (this.finSent) this.host.sendData(this.unacknowledged, undefined, 0, 0, true, true);
      return;
    }
    const start = this.unacknowledged - piece.offset;
    const length = Math.min(
      piece.bytes.length - start,
      this.#segment_bytes,
      this.sentUntil - this.unacknowledged,
    );
    this.host.sendData(this.unacknowledged, piece, start, length, false, true);
  }

  /** Nothing could be sent for so long, until now. */
  postpone(suspended_ms: number, now_ms: number): void {
    this.#progressAt_ms = postponed(this.#progressAt_ms, suspended_ms, now_ms);
  }

  /** A closed window with words behind it is probed on the retransmission timer (RFC 9293, section 3.8.6.1). */
  #armTimer(now_ms: number): void {
    if (this.inFlight_bytes > 0) return;
    const blocked = this.next < this.outbox.end && this.holdAt_ms === Infinity;
    if (!blocked) this.retransmitAt_ms = Infinity;
    else if (this.retransmitAt_ms === Infinity) this.retransmitAt_ms = now_ms + this.roundTrip.timeout_ms;
  }

  /** The retransmission timer expired. @returns false when the test server is to be given up */
  timedOut(now_ms: number): boolean {
    this.roundTrip.backOff();
    this.retransmitAt_ms = now_ms + this.roundTrip.timeout_ms;
    if (this.stalled_ms(now_ms) > PROGRESS_MAX_MS) return false;
    this.#timedOffset = -1;
    this.next = this.unacknowledged;
    if (this.inFlight_bytes === 0 || this.#windowClosed) this.host.sendProbe();
    else this.#congestion.timedOut(this.inFlight_bytes);
    return true;
  }
}
