/**
 * A program's turns: in each it reads what came, and then sends what that brought about. Node's event loop gives them, or
 * `Reactor`, at a lower price.
 */
import { performance } from 'node:perf_hooks';
import type { Coalescing } from './coalescing';

export interface Turns {
  /** Calls back once, when all that could be read was read. */
  atEnd(callback: () => void): void;
  /** @param ring called when its time has come, or within some milliseconds where nothing hurries; it may set the alarm again */
  alarm(ring: () => void): Alarm;
  /**
   * A stream socket of Node's takes part in turns that are not Node's. Node still reads it in its own, and hears of its end.
   *
   * @param descriptor negative once the socket is closed, and while nobody but Node may read from it
   * @param receive takes what came; the bytes are borrowed for the call
   * @returns undefined where all turns are Node's
   */
  join(descriptor: () => number, receive: (bytes: Uint8Array) => void): JoinedStream | undefined;
  /** Somebody waits for what comes next: for a while turns are not put off for long. */
  hurry(): void;
  /**
   * While nobody waits for what streams say there is no turn for that alone: it is read with the packets that come next, and before
   * them, or within some milliseconds.
   *
   * @param isAwaited asked before each turn; by default somebody always waits
   */
  askWhetherAwaited(isAwaited: (now_ms: number) => boolean): void;
  /** How long turns are put off from now on. */
  coalesce(by: Coalescing): void;
  /** How many there were, where that is known. */
  readonly counters: Readonly<Record<string, number>>;
  /** When it was seen last that nothing was there to be read; below 0 where that is not known. */
  readonly idleAt_ms: number;
}

export interface JoinedStream {
  /** Sends as much of the beginning of `bytes` as there is room for. @returns how much; 0 also where nothing can be sent */
  send(bytes: Uint8Array, length: number): number;
  leave(): void;
}

/** Timers of Node's are no finer. */
const TIMER_STEP_MS = 1;

/** Rings once, at the earliest of the times that it was set to. */
export class Alarm {
  #at_ms = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #timerAt_ms = Infinity;

  /** @param isAttended whether `attend` is called again and again at present: then no timer is needed */
  constructor(
    private readonly ring: () => void,
    private readonly isAttended: () => boolean = () => false,
  ) {}

  /** When it rings next, by `performance.now`; Infinity where it is not set. */
  get at_ms(): number {
    return this.#at_ms;
  }

  /** @param at_ms by `performance.now`; Infinity for no time at all */
  set(at_ms: number): void {
    if (at_ms >= this.#at_ms) return;
    this.#at_ms = at_ms;
    if (!this.isAttended()) this.handOver();
  }

  /** Rings, if its time has come. */
  attend(now_ms: number): void {
    if (now_ms < this.#at_ms) return;
    this.#at_ms = Infinity;
    this.ring();
  }

  /** From now on a timer of Node's attends. */
  handOver(): void {
    if (this.#at_ms >= this.#timerAt_ms) return;
    clearTimeout(this.#timer);
    this.#timerAt_ms = this.#at_ms;
    const callback = (): void => {
      this.#timerAt_ms = Infinity;
      // It comes a part of a step early, or was set for a time that is no longer the next.
      this.attend(performance.now() + TIMER_STEP_MS);
      this.handOver();
    };
    this.#timer = setTimeout(callback, Math.max(0, this.#at_ms - performance.now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#at_ms = this.#timerAt_ms = Infinity;
  }
}

/** All turns are those of Node's event loop. */
export const nodeTurns: Turns = {
  atEnd: (callback) => void setImmediate(callback),
  alarm: (ring) => new Alarm(ring),
  join: () => undefined,
  hurry: () => undefined,
  askWhetherAwaited: () => undefined,
  coalesce: () => undefined,
  counters: {},
  idleAt_ms: -1,
};
