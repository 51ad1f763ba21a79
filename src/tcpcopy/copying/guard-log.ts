/** Says in the log whether anything is sent, why not, and what mends it; the same thing once. */
import { SUSPENDED_MAX_MS } from '../../guard/watch';
import type { Log } from '../../process/log';
import type { GuardLevel } from '../../wire/guard';

/** Why an intercept is not relied on. */
export interface GuardReason {
  readonly name: string;
  readonly reason: string;
}

export class GuardLog {
  #told = '';
  /** Since it was armed last, nobody was told of its end. */
  #copying = false;

  constructor(private readonly log: Log) {}

  /** @param reasonsNow not asked for while the guard is armed */
  tell(level: GuardLevel, reasonsNow: () => readonly GuardReason[]): void {
    if (level === 'armed' && this.#told === level) return;
    const reasons = level === 'armed' ? [] : reasonsNow();
    // How long a silence has lasted is nothing new.
    const told = [level, ...reasons.map(({ name, reason }) => `${name} ${reason.replaceAll(/\d+ ms/g, '')}`)];
    if (told.join() === this.#told) return;
    this.#told = told.join();
    if (level === 'disarmed' && this.#copying) this.log.info('not copying');
    if (level === 'armed') this.log.info('copying');
    else for (const one of reasons) this.#warn(level, one);
    if (level !== 'suspended') this.#copying = level === 'armed';
  }

  #warn(level: GuardLevel, { name, reason }: GuardReason): void {
    if (level === 'suspended') {
      const next = `nothing is sent; copies wait for up to ${SUSPENDED_MAX_MS} ms and go on by themselves`;
      this.log.warning('guard suspended', { intercept: name, reason, next });
    } else {
      const next = `nothing is sent until the guard of intercept at ${name} is armed; copying then starts by itself`;
      this.log.warning('waiting for intercept', { intercept: name, reason, next });
    }
  }
}
