/**
 * The guard that intercept puts there itself, and keeps: the rules first in OUTPUT, a net behind them, and one on the devices.
 * What a firewall tool takes away is put back; it goes last, when no copied connection is left.
 */
import type { Log } from '../process/log';
import { FAMILIES } from '../wire/address/address';
import { Egress } from './egress';
import { Tables } from './tables';
import type { Barrier } from './wanted';

const LOOK_EVERY_MS = 1000;

export class StandingGuard {
  readonly #tables: Tables;
  readonly #egress: Egress;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #ended = false;
  /** How often something was missing. */
  mended = 0;

  constructor(
    barrier: Barrier,
    private readonly log: Log,
  ) {
    this.#tables = new Tables(barrier);
    this.#egress = new Egress(barrier);
  }

  /** Resolves when all stands. @throws Error, and then nothing of it does */
  async put(): Promise<void> {
    try {
      await this.#tables.mend();
      await this.#egress.takeOver();
      await this.#egress.mend();
    } catch (error) {
      await this.takeAway().catch(() => undefined);
      throw error;
    }
    for (const family of FAMILIES) {
      const reason = this.#tables.unavailable.get(family);
      if (reason === undefined) continue;
      this.log.warning(`no guard of IPv${family}`, {
        reason,
        next: 'install it where clients use that family',
      });
    }
    this.#tellRefusals();
    this.log.info('guard put');
    this.#plan();
  }

  /** Something got past it, or may have. */
  look(): void {
    if (this.#ended) return;
    if (this.#looking) this.#again = true;
    else this.#looking = this.#look();
  }

  /** @throws Error where something stays behind */
  async takeAway(): Promise<void> {
    await this.keep();
    await this.#tables.takeAway();
    await this.#egress.takeAway();
    this.log.info('guard taken away');
  }

  /** Looks after it no more, and leaves it there. */
  async keep(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (!this.#ended) this.#timer = setTimeout(() => this.look(), LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    try {
      do {
        this.#again = false;
        const mended = [...(await this.#tables.mend()), ...(await this.#egress.mend())];
        if (mended.length > 0) this.#tell(mended);
        this.#tellRefusals();
      } while ((this.#again as boolean) && !this.#ended);
    } catch (error) {
      this.log.error('guard not mended', {
        reason: (error as Error).message,
        next: 'tcpcopy sends nothing until responses are caught again; it is tried each second',
      });
    } finally {
      this.#looking = undefined;
      this.#plan();
    }
  }

  #tellRefusals(): void {
    for (const { device, reason } of this.#egress.takeRefusals())
      this.log.warning('no net at a device', {
        device,
        reason,
        next: 'the rules stand; only what gets out while a firewall tool has taken them all away is not dropped there',
      });
  }

  #tell(mended: readonly string[]): void {
    this.mended += 1;
    this.log.warning('guard put back', {
      by: mended,
      next: 'a firewall tool rewrote the rules, or a device is new; nothing is sent while the rule is missing',
    });
  }
}
