/**
 * Whether tcpcopy may rely on the guard at this moment: what each intercept said last, and how long ago it said it.
 * No clock of its own.
 */
import type { Guard, GuardLevel } from '../wire/guard';

/** intercept says it each 30 ms when it was asked: one that was lost or late is no silence yet. */
export const SILENCE_MAX_MS = 90;
/** How often it is asked while something is sent; it goes on for a second. */
const ASK_EVERY_MS = 500;
/** A guard that is not back by then is gone. */
export const SUSPENDED_MAX_MS = 2000;
/** By how much two clocks may part between two messages. */
const DRIFT_MS = 0.01;

const NOT_CONNECTED: Guard = { level: 'disarmed', reason: 'not connected yet' };

interface Intercept {
  readonly name: string;
  said: Guard;
  /** When it was said, by our clock. */
  saidAt_ms: number;
  /** Our clock less intercept's, at the fastest message so far. */
  offset_ms: number;
}

export class GuardWatch {
  readonly #intercepts: readonly Intercept[];
  #level: GuardLevel = 'disarmed';
  #suspendedAt_ms = 0;
  #askedAt_ms = -Infinity;
  /** This suspension is counted. */
  #counted = false;
  /** How often it was lost for longer than a silence may last. */
  suspensions = 0;

  /** @param names of all intercepts: each of them may be the one that catches a response */
  constructor(names: readonly string[]) {
    this.#intercepts = names.map((name) => ({
      name,
      said: NOT_CONNECTED,
      saidAt_ms: -Infinity,
      offset_ms: Infinity,
    }));
  }

  /**
   * @param clock_ms intercept's when it stood so. The fastest of all messages tells how the clocks stand; one that took
   *   longer stood so as much earlier, and counts from then.
   */
  said(name: string, guard: Guard, clock_ms: number, now_ms: number): void {
    const intercept = this.#of(name);
    // The first message of a connection: whoever asked before it was there was not heard.
    if (intercept.offset_ms === Infinity) this.#askedAt_ms = -Infinity;
    intercept.offset_ms = Math.min(intercept.offset_ms + DRIFT_MS, now_ms - clock_ms);
    intercept.said = guard;
    intercept.saidAt_ms = Math.min(now_ms, clock_ms + intercept.offset_ms);
  }

  /** There is no connection to it, or none any more; another intercept may answer next. */
  lost(name: string, reason: string): void {
    const intercept = this.#of(name);
    intercept.said = { level: 'suspended', reason };
    intercept.offset_ms = Infinity;
  }

  /** Whether each intercept has to be asked now, before something that is about to be sent. */
  mustAsk(now_ms: number): boolean {
    if (now_ms - this.#askedAt_ms < ASK_EVERY_MS) return false;
    this.#askedAt_ms = now_ms;
    return true;
  }

  /** Nothing is about to be sent: nobody was asked lately, and a silence says nothing. */
  isAtRest(now_ms: number): boolean {
    return this.#level === 'armed' && now_ms - this.#askedAt_ms >= 2 * ASK_EVERY_MS;
  }

  /**
   * To be asked before anything is injected, and once in a while unless at rest. Behind a rest the guard counts as
   * suspended for as long as the answer takes.
   */
  level(now_ms: number): GuardLevel {
    const least = this.#least(now_ms);
    // An intercept that says `disarmed` still catches: everything is brought to an end under it, in order.
    if (least !== 'suspended') this.#level = least;
    else if (this.#level === 'armed') {
      this.#level = 'suspended';
      this.#suspendedAt_ms = now_ms;
      this.#counted = false;
    } else if (now_ms - this.#suspendedAt_ms >= SUSPENDED_MAX_MS) this.#level = 'disarmed';
    if (this.#level === 'suspended' && !this.#counted && now_ms - this.#suspendedAt_ms > SILENCE_MAX_MS) {
      this.#counted = true;
      this.suspensions += 1;
    }
    return this.#level;
  }

  /** Until when all of them are known to catch: what was decided before leaves until then, or not at all. */
  get caughtUntil_ms(): number {
    let since_ms = Infinity;
    for (const { said, saidAt_ms } of this.#intercepts)
      since_ms = Math.min(since_ms, said.level === 'suspended' ? -Infinity : saidAt_ms);
    return since_ms + SILENCE_MAX_MS;
  }

  #least(now_ms: number): GuardLevel {
    let least: GuardLevel = 'armed';
    for (const { said, saidAt_ms } of this.#intercepts) {
      if (said.level === 'disarmed') return 'disarmed';
      if (said.level === 'suspended' || now_ms - saidAt_ms > SILENCE_MAX_MS) least = 'suspended';
    }
    return least;
  }

  /** Of each intercept that says that it is not armed; where none does, of each that is silent: nobody asks while another is not. */
  reasons(now_ms: number): { readonly name: string; readonly reason: string }[] {
    const said = this.#reasonsBy(({ said: guard }) => (guard.level === 'armed' ? undefined : guard.reason));
    return said.length > 0 ? said : this.#reasonsBy((intercept) => silenceOf(intercept, now_ms));
  }

  #reasonsBy(
    reasonOf: (intercept: Intercept) => string | undefined,
  ): { readonly name: string; readonly reason: string }[] {
    return this.#intercepts.flatMap((intercept) => {
      const reason = reasonOf(intercept);
      return reason === undefined ? [] : [{ name: intercept.name, reason }];
    });
  }

  #of(name: string): Intercept {
    const intercept = this.#intercepts.find((one) => one.name === name);
    if (!intercept) throw new Error(`there is no intercept ${name}`);
    return intercept;
  }
}

function silenceOf({ saidAt_ms }: Intercept, now_ms: number): string | undefined {
  const silent_ms = now_ms - saidAt_ms;
  if (silent_ms <= SILENCE_MAX_MS) return undefined;
  return `intercept has not said for ${Math.round(silent_ms)} ms that its guard is armed: it, or the way to it, is too busy or stands still`;
}
