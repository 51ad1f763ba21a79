/** Says in the log that connections are left out, what would help, and what came of it; once for each time that it lasts. */
import type { Log } from '../process/log';
import { CALM_MS } from './load-control';

/** What was left out so far, in all. */
export interface LeftOut {
  /** Connections that were not begun. */
  readonly connections: number;
  /** Copies that were ended between two requests. */
  readonly copies: number;
}

interface Episode {
  readonly began_ms: number;
  readonly before: LeftOut;
  /** Share that was copied, in percent. */
  readonly least_percent: number;
}

export class OverloadLog {
  #episode: Episode | undefined;
  #busyAt_ms = -Infinity;
  #episodes = 0;

  constructor(private readonly log: Log) {}

  /** Times that it lasted. */
  get episodes(): number {
    return this.#episodes;
  }

  /** Whether it lasts. */
  get lasts(): boolean {
    return this.#episode !== undefined;
  }

  /** @param share_percent of the connections that are wanted, those that are copied @param leftOut what was left out so far */
  tell(share_percent: number, leftOut: () => LeftOut, now_ms: number): void {
    if (share_percent < 100) {
      this.#busyAt_ms = now_ms;
      this.#episode ??= this.#begin(share_percent, leftOut(), now_ms);
      const least_percent = Math.min(this.#episode.least_percent, share_percent);
      this.#episode = { ...this.#episode, least_percent };
    } else if (this.#episode && now_ms - this.#busyAt_ms >= CALM_MS) {
      this.#end(this.#episode, leftOut());
      this.#episode = undefined;
    }
  }

  #begin(copied_percent: number, before: LeftOut, now_ms: number): Episode {
    this.#episodes += 1;
    this.log.warning('overloaded', {
      copied_percent: Math.round(copied_percent),
      next: 'clients bring more than this machine has time to copy: whole connections are left out, as few as are needed; another core, a smaller -r or a smaller --nice would help',
    });
    return { began_ms: now_ms, before, least_percent: copied_percent };
  }

  #end({ began_ms, before, least_percent }: Episode, { connections, copies }: LeftOut): void {
    this.log.info('copying all connections again', {
      overloaded_s: Math.round((this.#busyAt_ms - began_ms) / 100) / 10,
      least_copied_percent: Math.round(least_percent),
      connections_left_out: connections - before.connections,
      copies_ended: copies - before.copies,
    });
  }
}
