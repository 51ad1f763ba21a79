/**
 * How long words waited in vain: from when they could have gone (they were captured, and the last reply of their connection
 * had come) to when they went, where nothing more had come. What waits at the same time counts once.
 */
import type { Track } from './track';

interface Interval {
  readonly from_ms: number;
  readonly to_ms: number;
}

const SENT = -1;
/** Less is how long a turn takes. */
const NOTICED_MS = 1;

export class Waits {
  readonly #captured = new Map<Track, Map<number, number>>();
  readonly #replied = new Map<number, number>();
  readonly #vain: Interval[] = [];
  longest_ms = 0;

  /** A segment with these bytes of the client's stream, counted from 0. */
  captured(track: Track, from: number, now_ms: number): void {
    const known = this.#captured.get(track) ?? new Map<number, number>();
    if (!known.has(from)) known.set(from, now_ms);
    this.#captured.set(track, known);
  }

  /** @param client the endpoint that the reply was for */
  replied(client: number, now_ms: number): void {
    this.#replied.set(client, now_ms);
  }

  /** Words went out for the first time. */
  sent(client: number, track: Track, from: number, now_ms: number): void {
    const captured_ms = this.#captured.get(track)?.get(from);
    if (captured_ms === undefined || captured_ms === SENT) return;
    this.#captured.get(track)!.set(from, SENT);
    const from_ms = Math.max(captured_ms, this.#replied.get(client) ?? now_ms);
    if (now_ms - from_ms <= NOTICED_MS) return;
    this.longest_ms = Math.max(this.longest_ms, now_ms - from_ms);
    this.#vain.push({ from_ms, to_ms: now_ms });
  }

  /** All of them together. */
  get total_ms(): number {
    let total_ms = 0;
    let until_ms = -Infinity;
    for (const { from_ms, to_ms } of this.#vain.toSorted((a, b) => a.from_ms - b.from_ms)) {
      total_ms += Math.max(0, to_ms - Math.max(from_ms, until_ms));
      until_ms = Math.max(until_ms, to_ms);
    }
    return total_ms;
  }
}
