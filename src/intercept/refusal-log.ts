/** Says in the log who was turned away, and why: not of each one that a crowd consists of. */
import { performance } from 'node:perf_hooks';
import type { Log } from '../process/log';

const TOLD_MAX = 5;
const PER_MS = 10_000;

export class RefusalLog {
  #since_ms = -Infinity;
  #told = 0;
  #untold = 0;

  constructor(
    private readonly log: Log,
    private readonly port: number,
  ) {}

  tell(peer: string, reason: string, now_ms = performance.now()): void {
    if (now_ms - this.#since_ms >= PER_MS) {
      this.#since_ms = now_ms;
      this.#told = 0;
    }
    if (this.#told >= TOLD_MAX) {
      this.#untold += 1;
      return;
    }
    this.#told += 1;
    const others = this.#untold === 0 ? {} : { others_before: this.#untold };
    this.#untold = 0;
    const next = `only tcpcopy of the same release, with the same key if there is one, may connect to port ${this.port}`;
    this.log.warning('connection refused', { peer, reason, ...others, next });
  }
}
