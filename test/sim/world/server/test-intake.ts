/** The receiving half of the test server's TCP: puts segments in order, and hands bytes to the program as it reads them. */
import type { Agenda } from '../agenda';
import type { ServerBehaviour } from '../plan/plan';

export interface IntakeEvents {
  read(bytes: Uint8Array): void;
  readEnd(): void;
  /** The window was closed, and the program has read. */
  roomAgain(): void;
}

export class TestIntake {
  /** Sequence number of the next byte. */
  next: number;
  readonly #early = new Map<number, Uint8Array>();
  #buffered: Uint8Array[] = [];
  #buffered_bytes = 0;
  #fin: number | undefined;
  #ended = false;
  #endTold = false;
  #reading = false;
  #stopped = false;

  constructor(
    first: number,
    private readonly behaviour: ServerBehaviour,
    private readonly agenda: Agenda,
    private readonly events: IntakeEvents,
  ) {
    this.next = first;
  }

  get window_bytes(): number {
    return Math.max(0, this.behaviour.receiveWindow_bytes - this.#buffered_bytes);
  }

  /** The client's FIN has come, and everything before it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What was not read yet is lost: a reset throws it away. */
  stop(): void {
    this.#stopped = true;
  }

  take(sequence: number, payload: Uint8Array, fin: boolean): void {
    if (fin) this.#fin = (sequence + payload.length) >>> 0;
    if (payload.length > 0) this.#early.set(sequence, payload);
    while (this.#fillOne());
    if (this.#fin === this.next && !this.#ended) {
      this.next = (this.next + 1) >>> 0;
      this.#ended = true;
    }
    if (!this.behaviour.slowRead) this.#read(Infinity);
    else this.#readSlowly();
  }

  #fillOne(): boolean {
    for (const [sequence, payload] of this.#early) {
      const skip = (this.next - sequence) | 0;
      if (skip < 0) continue;
      this.#early.delete(sequence);
      const fresh = payload.subarray(skip, skip + this.window_bytes);
      if (fresh.length === 0) continue;
      this.#buffered.push(fresh);
      this.#buffered_bytes += fresh.length;
      this.next = (this.next + fresh.length) >>> 0;
      return true;
    }
    return false;
  }

  #read(bytes: number): void {
    const window_bytes = this.window_bytes;
    for (let left = bytes; left > 0 && !this.#stopped;) {
      const first = this.#buffered[0];
      if (!first) break;
      const part = first.subarray(0, left);
      left -= part.length;
      this.#buffered_bytes -= part.length;
      if (part.length === first.length) this.#buffered.shift();
      else this.#buffered[0] = first.subarray(part.length);
      this.events.read(part);
    }
    if (window_bytes === 0 && this.window_bytes > window_bytes) this.events.roomAgain();
    if (this.#ended && this.#buffered_bytes === 0 && !this.#endTold && !this.#stopped) {
      this.#endTold = true;
      this.events.readEnd();
    }
  }

  #readSlowly(): void {
    if (this.#reading) return;
    const { bytes, every_ms } = this.behaviour.slowRead!;
    this.#reading = true;
    this.agenda.after(every_ms, () => {
      this.#reading = false;
      if (this.#stopped) return;
      this.#read(bytes);
      if (this.#buffered_bytes > 0) this.#readSlowly();
    });
  }
}
