/**
 * A client and its online server, as capture sees them: the client's segments, with its acknowledgments moving as the
 * online server answers. The conversation itself is free of faults; `disturb` adds what capture may see of a real one:
 * repetitions, other boundaries, disorder.
 */
import { ACK, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import type { Agenda } from './agenda';
import { requestBytesTotal, spokenBytes, type ConnectionScript } from './script';
import type { Random } from './random';

export interface ClientSegment {
  readonly port: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

export interface CaptureFaults {
  /** Share of segments that are seen twice. */
  readonly repeated: number;
  /** Share of segments that are seen late, behind later ones. */
  readonly late: number;
  /** Share of segments that the client sends again with other boundaries. */
  readonly recut: number;
  /** Share of segments with payload that capture misses. */
  readonly missed: number;
}

const ONLINE_INITIAL = 0xffff_f000;
const ROUND_TRIP_MS = 0.2;

export class SimulatedClient {
  #said = 0;
  #heard = 0;
  #answers = 0;
  #spoken = false;

  constructor(
    private readonly script: ConnectionScript,
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly faults: CaptureFaults,
    private readonly capture: (segment: ClientSegment) => void,
    private readonly closed: () => void,
  ) {}

  start(): void {
    this.#emit(SYN, 0, new Uint8Array(0));
    this.agenda.after(ROUND_TRIP_MS, () => {
      this.#emit(ACK, 1, new Uint8Array(0));
      this.#speak(0);
    });
  }

  #speak(index: number): void {
    const exchange = this.script.exchanges[index];
    if (!exchange) {
      this.#spoken = true;
      this.#closeOnceHeard();
      return;
    }
    for (const length of exchange.writes) {
      this.#emit(ACK | PSH, 1 + this.#said, spokenBytes(this.script.id, this.#said, length));
      this.#said += length;
    }
    const next = this.script.exchanges[index + 1];
    if (exchange.pause_ms === undefined && next) {
      this.agenda.after(0.01, () => this.#speak(index + 1));
      this.agenda.after(ROUND_TRIP_MS + exchange.onlineThinks_ms, () => this.#hear(exchange.response_bytes));
      return;
    }
    this.agenda.after(ROUND_TRIP_MS + exchange.onlineThinks_ms, () => {
      this.#hear(exchange.response_bytes);
      this.agenda.after(exchange.pause_ms ?? 0, () => this.#speak(index + 1));
    });
  }

  #hear(bytes: number): void {
    this.#heard += bytes;
    this.#answers += 1;
    if (this.random.chance(0.7)) this.#emit(ACK, 1 + this.#said, new Uint8Array(0));
    this.#closeOnceHeard();
  }

  #closeOnceHeard(): void {
    if (this.#spoken && this.#answers === this.script.exchanges.length) this.#close();
  }

  #close(): void {
    const total = requestBytesTotal(this.script);
    if (this.script.closes === 'client-resets') {
      this.#emit(RST | ACK, 1 + total, new Uint8Array(0));
    } else {
      if (this.script.closes === 'server') {
        this.#heard += 1;
        this.#emit(ACK, 1 + total, new Uint8Array(0));
      }
      this.#emit(FIN | ACK, 1 + total, new Uint8Array(0));
    }
    this.closed();
  }

  #emit(flags: number, offset: number, payload: Uint8Array): void {
    const segment: ClientSegment = {
      port: this.script.clientPort,
      sequence: (this.script.initialSequence + offset) >>> 0,
      acknowledgment: flags & SYN ? 0 : (ONLINE_INITIAL + 1 + this.#heard) >>> 0,
      flags,
      payload,
    };
    this.#disturb(segment);
  }

  #disturb(segment: ClientSegment): void {
    const { random, faults, agenda } = this;
    const control = (segment.flags & (SYN | RST)) !== 0;
    if (!control && segment.payload.length > 0 && random.chance(faults.missed)) return;
    const delay_ms = !control && random.chance(faults.late) ? random.next() * 2 : 0;
    if (delay_ms === 0) this.capture(segment);
    else agenda.after(delay_ms, () => this.capture(segment));
    if (random.chance(faults.repeated)) {
      // No network holds a SYN back until its port is used again.
      agenda.after(random.next() * (control ? 0.1 : 3), () => this.capture(segment));
    }
    if (segment.payload.length > 2 && random.chance(faults.recut)) {
      const from = random.between(0, segment.payload.length - 2);
      const piece = {
        ...segment,
        flags: segment.flags & ~FIN,
        sequence: (segment.sequence + from) >>> 0,
        payload: segment.payload.subarray(from, random.between(from + 1, segment.payload.length)),
      };
      agenda.after(random.next(), () => this.capture(piece));
    }
  }
}
