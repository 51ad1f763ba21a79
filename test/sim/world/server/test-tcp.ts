/**
 * The test server's end of a connection: a TCP state machine of its own (RFC 9293, section 3.10), written without any
 * code of the engine.
 */
import { ACK, FIN, PSH, RST, SYN } from '../../../../src/wire/tcp';
import type { Agenda } from '../agenda';
import type { ServerBehaviour } from '../plan/plan';
import { TestIntake } from './test-intake';

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

/** What the server's program and its machine want to know. */
export interface TestTcpEvents {
  emit(segment: ServerSegment): void;
  established(): void;
  /** The program has read these bytes. */
  read(bytes: Uint8Array): void;
  /** The client has closed its side, and everything before was read. */
  readEnd(): void;
  complain(problem: string): void;
}

const RETRANSMIT_MS = 200;
const RETRIES_MAX = 12;
/** No segment of this connection lies so far from what is expected. */
const STRANGE_BYTES = 900_000;
/** The scale that simulated clients offer, and the engine for connections that it joins. */
export const CLIENT_SCALE = 7;

export class TestTcp {
  /** The client's first sequence number. */
  readonly begunWith: number;
  state: 'syn-received' | 'established' | 'time-wait' | 'closed' = 'syn-received';
  readonly #in: TestIntake;
  readonly #scale: number | undefined;
  readonly #clientScale: number;
  /** Response bytes that the program has written so far, and where each write ends. */
  #written = 0;
  readonly #ends: number[] = [];
  /** What the program wants to write, and the kernel has no room for yet. */
  #unbuffered_bytes = 0;
  #sent = 0;
  #acknowledged = 0;
  #finWanted = false;
  #finSent = false;
  #finAcknowledged = false;
  /** The program will not read any more. */
  #closed = false;
  #isDeaf = false;
  #clientWindow_bytes: number;
  /** Up to where it has acknowledged the client's stream: a sequence number. */
  #told = 0;
  #retries = 0;
  #timer = 0;
  #timerArmed = false;

  /** @param clientScales the SYN carried a window scale */
  constructor(
    syn: ArrivingSegment,
    clientScales: boolean,
    private readonly initial: number,
    private readonly behaviour: ServerBehaviour,
    private readonly agenda: Agenda,
    private readonly events: TestTcpEvents,
  ) {
    this.begunWith = syn.sequence;
    this.#scale = clientScales ? behaviour.windowScale : undefined;
    this.#clientScale = this.#scale === undefined ? 0 : CLIENT_SCALE;
    this.#clientWindow_bytes = syn.window;
    this.#in = new TestIntake((syn.sequence + 1) >>> 0, behaviour, agenda, {
      read: (bytes) => events.read(bytes),
      readEnd: () => events.readEnd(),
      roomAgain: () => this.#alive && this.#acknowledge(),
    });
    this.#sendSynAck();
    this.#armTimer();
  }

  /** It may still say something. */
  get isOpen(): boolean {
    return this.state === 'syn-received' || this.state === 'established';
  }

  get #alive(): boolean {
    return this.state === 'established';
  }

  arrive(segment: ArrivingSegment): void {
    if (this.#isDeaf) return;
    const distance = (segment.sequence - this.#in.next) | 0;
    if (segment.flags & SYN) {
      if (this.state === 'syn-received' && distance === -1) this.#sendSynAck();
      else this.#acknowledge(); // RFC 5961, section 4.2: a challenge
      return;
    }
    if (segment.flags & RST) {
      // RFC 5961, section 3.2: only the exact next number resets; another one within the window is challenged.
      if (distance === 0) this.end();
      else if (distance > 0 && distance < this.#in.window_bytes) this.#acknowledge();
      return;
    }
    if (Math.abs(distance) > STRANGE_BYTES) {
      this.#acknowledge(); // a late segment of another connection on this port
      return;
    }
    // RFC 9293, section 3.10.7.4: the sequence number is checked before anything else.
    if (distance < 0 && segment.payload.length === 0 && !(segment.flags & FIN)) {
      this.#acknowledge();
      return;
    }
    if (segment.flags & ACK && !this.#takeAcknowledgment(segment)) return;
    if (this.state === 'syn-received') return;
    this.#take(segment, distance);
  }

  /** The program writes an answer. */
  write(length: number): void {
    if (this.#finWanted || this.#isDeaf) return;
    this.#unbuffered_bytes += length;
    this.#buffer();
    this.#flush();
  }

  /** The program closes its side, and reads on. */
  shutdown(): void {
    this.#finWanted = true;
    this.#flush();
  }

  /** The program closes the connection: whatever the client still says is answered with a reset. */
  close(): void {
    this.#closed = true;
    this.shutdown();
  }

  /** The program breaks the connection off. @param isBare without an acknowledgment; the kernel's went out when it took the words */
  reset(isBare = false): void {
    if (this.state === 'closed') return;
    if (isBare && this.#told !== this.#in.next) this.#acknowledge();
    this.#put(RST | (isBare ? 0 : ACK), this.#nextSequence, 0);
    this.end();
  }

  /** It is heard of no more, and hears nothing; then it is gone. */
  vanish(for_ms: number): void {
    this.#isDeaf = true;
    this.#timer += 1;
    this.#in.stop();
    this.agenda.after(for_ms, () => this.end());
  }

  end(): void {
    this.state = 'closed';
    this.#timer += 1;
    this.#in.stop();
  }

  get #nextSequence(): number {
    return (this.initial + 1 + this.#sent + (this.#finSent ? 1 : 0)) >>> 0;
  }

  #take(segment: ArrivingSegment, distance: number): void {
    const fin = segment.flags & FIN ? 1 : 0;
    const { length } = segment.payload;
    if (length + fin === 0) {
      if (distance < 0) this.#acknowledge();
      return;
    }
    if (this.#closed && distance + length > 0 && length > 0) {
      this.reset();
      return;
    }
    if (distance <= this.#in.window_bytes) this.#in.take(segment.sequence, segment.payload, fin === 1);
    if (this.state !== 'closed') this.#acknowledge();
    this.#perhapsOver();
  }

  /** As Linux does: a program that waits for room goes on when a third of it is free. */
  #buffer(): void {
    const { sendBuffer_bytes: all_bytes = Infinity } = this.behaviour;
    const free_bytes = all_bytes - (this.#written - this.#acknowledged);
    if (this.#unbuffered_bytes === 0 || free_bytes < all_bytes / 3) return;
    const taken_bytes = Math.min(this.#unbuffered_bytes, free_bytes);
    this.#unbuffered_bytes -= taken_bytes;
    this.#written += taken_bytes;
    this.#ends.push(this.#written);
  }

  #flush(): void {
    if (!this.#alive) return;
    while (this.#sent < this.#written && this.#sent - this.#acknowledged < this.#clientWindow_bytes) {
      this.#sent += this.#sendFrom(this.#sent, this.#written);
    }
    const isAllSent = this.#sent === this.#written && this.#unbuffered_bytes === 0;
    if (this.#finWanted && !this.#finSent && isAllSent) {
      this.#sendFin();
      this.#finSent = true;
    }
    if (!this.#timerArmed) this.#armTimer();
  }

  /** @returns bytes sent: up to the end of what the program wrote at once */
  #sendFrom(from: number, limit: number): number {
    const end = Math.min(
      this.#ends.find((mark) => mark > from)!,
      limit,
    );
    const length = Math.min(end - from, this.behaviour.segment_bytes);
    this.#put(ACK | (from + length === end ? PSH : 0), (this.initial + 1 + from) >>> 0, length);
    return length;
  }

  /** @returns false when it acknowledges what was never sent */
  #takeAcknowledgment(segment: ArrivingSegment): boolean {
    const offset = (segment.acknowledgment - this.initial) | 0;
    const inFlight = 1 + this.#sent + (this.#finSent ? 1 : 0);
    if (offset > inFlight || offset < -STRANGE_BYTES) {
      if (this.state === 'syn-received') this.#resetFor(segment);
      else if (offset > inFlight && offset < STRANGE_BYTES)
        this.events.complain('acknowledged what was never sent');
      return false;
    }
    this.#clientWindow_bytes = segment.window * 2 ** this.#clientScale;
    if (this.state === 'syn-received') {
      if (offset !== 1) return false;
      this.state = 'established';
      this.#retries = 0;
      this.#timerArmed = false;
      this.events.established();
      return true;
    }
    const before = this.#acknowledged;
    this.#acknowledged = Math.max(before, Math.min(offset - 1, this.#sent));
    const finAcknowledged = this.#finSent && offset === inFlight;
    if (this.#acknowledged > before || finAcknowledged !== this.#finAcknowledged) {
      this.#retries = 0;
      this.#timerArmed = false;
    }
    this.#finAcknowledged ||= finAcknowledged;
    this.#buffer();
    this.#flush();
    this.#perhapsOver();
    return true;
  }

  #perhapsOver(): void {
    if (this.#alive && this.#finAcknowledged && this.#in.ended) {
      // Whoever closed first remembers the connection, so that late segments find it.
      this.state = 'time-wait';
      this.#timer += 1;
    }
  }

  #armTimer(): void {
    const timer = ++this.#timer;
    this.#timerArmed = true;
    this.agenda.after(RETRANSMIT_MS * 2 ** Math.min(this.#retries, 4), () => {
      if (timer !== this.#timer || this.state === 'closed') return;
      this.#timerArmed = false;
      const settled = this.#acknowledged >= this.#sent && this.#finSent === this.#finAcknowledged;
      // Words that wait for a window are probed for, as words that were lost are sent again.
      if (this.#alive && settled && this.#sent === this.#written) return;
      this.#retries += 1;
      if (this.#retries > RETRIES_MAX) {
        this.end();
        return;
      }
      if (this.state === 'syn-received') this.#sendSynAck();
      else if (this.#acknowledged < this.#sent) this.#sendFrom(this.#acknowledged, this.#sent);
      else if (this.#finSent) this.#sendFin();
      this.#armTimer();
    });
  }

  #sendSynAck(): void {
    this.#put(SYN | ACK, this.initial, 0);
  }

  #sendFin(): void {
    this.#put(FIN | ACK, (this.initial + 1 + this.#sent) >>> 0, 0);
  }

  #acknowledge(): void {
    this.#put(ACK, this.state === 'syn-received' ? (this.initial + 1) >>> 0 : this.#nextSequence, 0);
  }

  #put(flags: number, sequence: number, payloadLength: number): void {
    const scale = flags & SYN ? 0 : (this.#scale ?? 0);
    const window = Math.min(0xffff, Math.floor(this.#in.window_bytes / 2 ** scale));
    this.#told = this.#in.next;
    this.events.emit({ sequence, acknowledgment: this.#in.next, flags, window, payloadLength });
  }

  /** RFC 9293, section 3.10.7.4: an acknowledgment of another handshake. */
  #resetFor({ acknowledgment }: ArrivingSegment): void {
    this.events.emit({
      sequence: acknowledgment,
      acknowledgment: 0,
      flags: RST,
      window: 0,
      payloadLength: 0,
    });
  }
}
