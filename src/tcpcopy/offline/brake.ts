/** Keeps a replay from running ahead of what the test servers take. */
import type { CopyState } from '../copying/copier';

/** Below what an engine refuses. */
const SESSIONS_MAX = 90_000;
const HELD_MAX_BYTES = 16 * 1024 * 1024;
/** Standing still helps nobody when nothing moves for so long: what is missing is further on in the file. */
const STUCK_MAX_MS = 5000;

export class Brake {
  readonly #heldMax_bytes: number;
  #progress = -1;
  #movedAt_ms = 0;

  /** @param memory_bytes what all sessions may hold at most */
  constructor(memory_bytes = Infinity) {
    this.#heldMax_bytes = Math.min(HELD_MAX_BYTES, memory_bytes / 2);
  }

  /** Whether another packet may be played. */
  released({ armed, sessions, held_bytes, progress }: CopyState, now_ms: number): boolean {
    if (!armed) return false;
    if (held_bytes < this.#heldMax_bytes && sessions < SESSIONS_MAX) return true;
    if (progress !== this.#progress) this.#movedAt_ms = now_ms;
    this.#progress = progress;
    return now_ms - this.#movedAt_ms >= STUCK_MAX_MS;
  }
}
