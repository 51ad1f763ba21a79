/** Says in the log what stands in the way of copies, once for each thing: how often it happens is counted. */
import { SEND_REFUSALS } from '../../inject/sink';
import type { Log } from '../../process/log';
import type { EngineOptions } from '../../session/contract';
import { portsExhausted } from './own-sources';

export class OnceWarnings {
  readonly #refusals = new Set<string>();
  readonly #unroutable = new Set<string>();
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

  /** An intercept leads no responses of some copies here, which are given up. */
  unroutable(intercept: string): void {
    if (this.#unroutable.has(intercept)) return;
    this.#unroutable.add(intercept);
    this.log.warning('intercept refuses copies', {
      intercept,
      next:
        'another tcpcopy may copy the same clients to the same test server, or intercept has as many connections as it may hold: ' +
        'its counters say which (routes_refused_taken, routes_refused_limit), sessions_given_up_unroutable how many',
    });
  }

  portsExhausted(sessions_open: number, options: EngineOptions): void {
    if (this.#portsTold) return;
    this.#portsTold = true;
    this.log.warning('source ports exhausted', { sessions_open, ...portsExhausted(options) });
  }
}
