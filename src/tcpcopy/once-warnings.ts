/** Says in the log what stands in the way of copies, once for each thing: how often it happens is counted. */
import { SEND_REFUSALS } from '../inject/sink';
import type { Log } from '../process/log';
import type { EngineOptions } from '../session/contract';
import { portsExhausted } from './own-sources';

export class OnceWarnings {
  readonly #refusals = new Set<string>();
  #portsTold = false;

  constructor(private readonly log: Log) {}

  /** The kernel did not send a packet. @param errno its reason, by name */
  refused(errno: string): void {
    if (this.#refusals.has(errno)) return;
    this.#refusals.add(errno);
    this.log.warning('packet refused by the kernel', {
      reason: errno,
      next: SEND_REFUSALS[errno] ?? 'it is sent again in time; see the counters for how often this happens',
    });
  }

  portsExhausted(sessions_open: number, options: EngineOptions): void {
    if (this.#portsTold) return;
    this.#portsTold = true;
    this.log.warning('source ports exhausted', { sessions_open, ...portsExhausted(options) });
  }
}
