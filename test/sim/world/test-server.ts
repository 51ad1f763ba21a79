/**
 * The test server's end of a connection: a TCP state machine of its own (RFC 9293, section 3.10), written without any
 * code of the engine, with an application that answers a script. It records every byte that reaches the application.
 */
import { ACK, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import type { Agenda } from './agenda';
import type { Random } from './random';
import { spokenByte, type ConnectionScript } from './script';

export interface ServerSegment {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly payloadLength: number;
}

export interface ArrivingSegment {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly payload: Uint8Array;
}

export interface ServerBehaviour {
  readonly receiveWindow_bytes: number;
  /** The application reads only this much at a time, this often; undefined when it reads at once. */
  readonly slowRead: { readonly bytes: number; readonly every_ms: number } | undefined;
  readonly windowScale: number | undefined;
  readonly segment_bytes: number;
}

const RETRANSMIT_MS = 200;
const RETRIES_MAX = 12;
/** No segment of this connection lies so far from what is expected. */
const STRANGE_BYTES = 2_000_000;

type ServerState = 'syn-received' | 'established' | 'closed' | 'time-wait';

export class ServerConnection {
  state: ServerState = 'syn-received';
  /** Bytes that the application has read. */
  heard_bytes = 0;
  /** Where the application first read something that its client did not say, or -1. */
  wrongAt = -1;

  #receiveNext: number;
  #buffered: Uint8Array[] = [];
  #buffered_bytes = 0;
  readonly #early = new Map<number, Uint8Array>();
  #clientFin: number | undefined;
  #clientClosed = false;

  readonly #initial: number;
  #unacknowledged: number;
  /** Response bytes that the application has written so far, as marks of where each response ends. */
  #written = 0;
  #ends: number[] = [];
  #sent = 0;
  #acknowledged = 0;
  #finWanted = false;
  #finSent = false;
  #finAcknowledged = false;
  #clientWindow = 0;
  #answered = 0;
  #retries = 0;
  #timer = 0;
  #timerArmed = false;

  constructor(
    readonly script: ConnectionScript,
    syn: ArrivingSegment,
    private readonly behaviour: ServerBehaviour,
    private readonly agenda: Agenda,
    random: Random,
    private readonly emit: (segment: ServerSegment) => void,
  ) {
    this.#initial = random.chance(0.5) ? (0 - random.between(1, 5000)) >>> 0 : random.between(0, 0xffffffff);
    this.#unacknowledged = this.#initial;
    this.#receiveNext = (syn.sequence + 1) >>> 0;
    this.#clientWindow = syn.window;
    this.#sendSynAck();
    this.#armTimer();
    if (behaviour.slowRead) this.#readSlowly();
  }

  arrive(segment: ArrivingSegment): void {
    if (this.state === 'closed') {
      if (!(segment.flags & RST)) this.#reset(segment);
      return;
    }
    const distance = (segment.sequence - this.#receiveNext) | 0;
    if (segment.flags & SYN) {
      if (this.state === 'syn-received' && distance === -1) this.#sendSynAck();
      else this.#acknowledge();
      return;
    }
    if (segment.flags & RST) {
      // RFC 5961, section 3.2: only the exact next number resets; another one within the window is challenged.
      if (distance === 0) this.#end();
      else if (distance > 0 && distance < this.#window) this.#acknowledge();
      return;
    }
    if (Math.abs(distance) > STRANGE_BYTES) {
      this.#acknowledge(); // a late segment of another connection on this port
      return;
    }
    if (segment.flags & ACK) this.#takeAcknowledgment(segment);
    if (this.state === 'syn-received') return;
    this.#take(segment, distance);
  }

  get #window(): number {
    return Math.max(0, this.behaviour.receiveWindow_bytes - this.#buffered_bytes);
  }

  #take(segment: ArrivingSegment, distance: number): void {
    const fin = segment.flags & FIN ? 1 : 0;
    const { length } = segment.payload;
    if (length + fin === 0) {
      if (distance < 0) this.#acknowledge();
      return;
    }
    if (distance > this.#window) {
      this.#acknowledge();
      return;
    }
    if (fin) this.#clientFin = (segment.sequence + length) >>> 0;
    if (length > 0) this.#early.set(segment.sequence, segment.payload);
    this.#fill();
    this.#acknowledge();
    this.#application();
  }

  #fill(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const [sequence, payload] of this.#early) {
        const skip = (this.#receiveNext - sequence) | 0;
        if (skip < 0) continue;
        const room = this.#window;
        const fresh = payload.subarray(skip, skip + room);
        this.#early.delete(sequence);
        if (fresh.length === 0) continue;
        this.#buffered.push(fresh);
        this.#buffered_bytes += fresh.length;
        this.#receiveNext = (this.#receiveNext + fresh.length) >>> 0;
        moved = true;
      }
    }
    if (this.#clientFin === this.#receiveNext && !this.#clientClosed) {
      this.#receiveNext = (this.#receiveNext + 1) >>> 0;
      this.#clientClosed = true;
    }
    if (!this.behaviour.slowRead) this.#read(Infinity);
  }

  #read(bytes: number): void {
    const window_bytes = this.#window;
    let left = bytes;
    while (left > 0) {
      const first = this.#buffered[0];
      if (!first) break;
      const part = first.subarray(0, left);
      this.#hear(part);
      left -= part.length;
      if (part.length === first.length) this.#buffered.shift();
      else this.#buffered[0] = first.subarray(part.length);
    }
    if (window_bytes === 0 && this.#window > window_bytes) this.#acknowledge();
  }

  #hear(bytes: Uint8Array): void {
    this.#buffered_bytes -= bytes.length;
    if (this.wrongAt < 0) {
      const wrong = bytes.findIndex(
        (byte, index) => byte !== spokenByte(this.script.id, this.heard_bytes + index),
      );
      if (wrong >= 0) this.wrongAt = this.heard_bytes + wrong;
    }
    this.heard_bytes += bytes.length;
  }

  #readSlowly(): void {
    const { bytes, every_ms } = this.behaviour.slowRead!;
    this.agenda.after(every_ms, () => {
      if (this.state === 'closed') return;
      this.#read(bytes);
      this.#application();
      this.#readSlowly();
    });
  }

  /** Answers each request once all of it was read. */
  #application(): void {
    let wanted = 0;
    for (const [index, exchange] of this.script.exchanges.entries()) {
      wanted += exchange.request_bytes;
      if (index < this.#answered) continue;
      if (this.heard_bytes < wanted) break;
      this.#answered = index + 1;
      const last = this.#answered === this.script.exchanges.length;
      this.agenda.after(exchange.testThinks_ms, () => {
        this.#written += Math.max(1, exchange.response_bytes + exchange.testDiffers_bytes);
        this.#ends.push(this.#written);
        if (last && this.script.closes === 'server') this.#finWanted = true;
        this.#flush();
      });
    }
    const silent = this.script.exchanges.length === 0;
    if (this.#clientClosed && this.#buffered_bytes === 0) {
      this.agenda.after(silent ? 0 : 1, () => {
        if (this.#written === this.#sent) this.#finWanted = true;
        this.#flush();
      });
    } else if (silent && this.script.closes === 'server') {
      this.#finWanted = true;
    }
  }

  #flush(): void {
    if (this.state !== 'established') return;
    while (this.#sent < this.#written && this.#sent - this.#acknowledged < this.#clientWindow) {
      const end = this.#ends.find((mark) => mark > this.#sent)!;
      const length = Math.min(end - this.#sent, this.behaviour.segment_bytes);
      this.#segment(this.#sent, length, this.#sent + length === end);
      this.#sent += length;
    }
    if (this.#finWanted && !this.#finSent && this.#sent === this.#written) {
      this.#finSent = true;
      this.#sendFin();
    }
    if (!this.#timerArmed) this.#armTimer();
  }

  #takeAcknowledgment(segment: ArrivingSegment): void {
    const advanced = (segment.acknowledgment - this.#unacknowledged) | 0;
    const scale = this.behaviour.windowScale === undefined ? 0 : CLIENT_SCALE;
    this.#clientWindow = segment.window * 2 ** scale;
    if (advanced <= 0) return;
    const inFlight = 1 + this.#sent + (this.#finSent ? 1 : 0);
    if (((segment.acknowledgment - this.#initial) | 0) > inFlight) {
      throw new Error(`connection ${this.script.id}: acknowledged what was never sent`);
    }
    this.#unacknowledged = segment.acknowledgment;
    this.#retries = 0;
    this.#timerArmed = false;
    if (this.state === 'syn-received') {
      this.state = 'established';
      this.#application();
    }
    this.#acknowledged = Math.min(((segment.acknowledgment - this.#initial) | 0) - 1, this.#sent);
    if (this.#finSent && ((segment.acknowledgment - this.#initial) | 0) === inFlight)
      this.#finAcknowledged = true;
    if (this.#finAcknowledged && this.#clientClosed) this.#end();
    else this.#flush();
  }

  #armTimer(): void {
    const timer = ++this.#timer;
    this.#timerArmed = true;
    this.agenda.after(RETRANSMIT_MS * 2 ** Math.min(this.#retries, 4), () => {
      if (timer !== this.#timer || this.state === 'closed') return;
      this.#timerArmed = false;
      const allSent = this.#acknowledged >= this.#sent && this.#finSent === this.#finAcknowledged;
      if (this.state === 'established' && allSent) return;
      this.#retries += 1;
      if (this.#retries > RETRIES_MAX) {
        this.#end();
        return;
      }
      if (this.state === 'syn-received') this.#sendSynAck();
      else if (this.#acknowledged < this.#sent) {
        const end = this.#ends.find((mark) => mark > this.#acknowledged)!;
        const length = Math.min(
          end - this.#acknowledged,
          this.behaviour.segment_bytes,
          this.#sent - this.#acknowledged,
        );
        this.#segment(this.#acknowledged, length, this.#acknowledged + length === end);
      } else this.#sendFin();
      this.#armTimer();
    });
  }

  #sendSynAck(): void {
    this.#put(SYN | ACK, this.#initial, 0);
  }

  #segment(from: number, length: number, push: boolean): void {
    this.#put(ACK | (push ? PSH : 0), (this.#initial + 1 + from) >>> 0, length);
  }

  #sendFin(): void {
    this.#put(FIN | ACK, (this.#initial + 1 + this.#sent) >>> 0, 0);
  }

  #acknowledge(): void {
    const sequence = this.#initial + 1 + this.#sent + (this.#finSent ? 1 : 0);
    this.#put(ACK, sequence >>> 0, 0);
    if (this.#clientClosed && this.#finAcknowledged) this.#end();
  }

  #put(flags: number, sequence: number, payloadLength: number): void {
    const scale = flags & SYN ? 0 : (this.behaviour.windowScale ?? 0);
    const window = Math.min(0xffff, Math.floor(this.#window / 2 ** scale));
    this.emit({ sequence, acknowledgment: this.#receiveNext, flags, window, payloadLength });
  }

  #reset(segment: ArrivingSegment): void {
    this.emit({
      sequence: segment.acknowledgment,
      acknowledgment: 0,
      flags: RST,
      window: 0,
      payloadLength: 0,
    });
  }

  #end(): void {
    this.state = 'closed';
    this.#timer += 1;
  }
}

/** The scale that simulated clients offer. */
export const CLIENT_SCALE = 7;
