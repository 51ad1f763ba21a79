/**
 * Whether tcpcopy may rely on the guard at this moment: what each intercept said last, and how long ago it said it.
 * No clock of its own.
 */
import type { Guard, GuardLevel, Stood } from '../wire/guard';

/** intercept says it each 30 ms when it was asked: one that was lost or late is no silence yet. */
export const SILENCE_MAX_MS = 90;
/** How often it is asked while something is sent; it goes on for a second. */
const ASK_EVERY_MS = 500;
/** While the last answer tells too little: its question may have been long under way. */
const ASK_AGAIN_MS = 100;
/** A guard that is not back by then is gone. */
export const SUSPENDED_MAX_MS = 2000;
/** So long a question tells how intercept's clock stands: two clocks part by less than a millisecond meanwhile. */
const QUESTION_MAX_MS = 5000;

const NOT_CONNECTED: Guard = { level: 'disarmed', reason: 'not connected yet' };

interface Intercept {
  readonly name: string;
  said: Guard;
  /** When it stood so at the earliest, by our clock. */
  saidAt_ms: number;
  /** Nothing was said on this connection yet. */
  isNew: boolean;
  /** Answered questions, the latest last: when each was asked, and our clock less intercept's at least. */
  bounds: readonly { readonly asked: number; readonly askedAt_ms: number; readonly offset_ms: number }[];
}

const unheard = (name: string): Intercept => ({
  name,
  said: NOT_CONNECTED,
  saidAt_ms: -Infinity,
  isNew: true,
  bounds: [],
});

interface Question {
  readonly number: number;
  readonly at_ms: number;
}

export class GuardWatch {
  #intercepts: readonly Intercept[];
  #level: GuardLevel = 'disarmed';
  #suspendedAt_ms = 0;
  #askedAt_ms = -Infinity;
  /** The latest last. */
  #questions: readonly Question[] = [];
  #number = 0;
  /** This suspension is counted. */
  #counted = false;
  /** How often it was lost for longer than a silence may last. */
  suspensions = 0;

  /** @param names of all intercepts: each of them may be the one that catches a response */
  constructor(names: readonly string[]) {
    this.#intercepts = names.map(unheard);
  }

  /** From now on it is these, whatever was said by those that were there before. */
  watch(names: readonly string[]): void {
    this.#intercepts = names.map(
      (name) => this.#intercepts.find((intercept) => intercept.name === name) ?? unheard(name),
    );
  }

  /**
   * What is said counts from when it stood so, and that is never taken for later than it was: intercept heard the question
   * after it was asked. Whatever was delayed on its way, or comes a second time, keeps nothing alive.
   */
  said(name: string, guard: Guard, stood: Stood, now_ms: number): void {
    const intercept = this.#of(name);
    // Whoever asked before the connection was there was not heard.
    if (intercept.isNew) this.#askedAt_ms = -Infinity;
    intercept.isNew = false;
    this.#learn(intercept, stood, now_ms);
    intercept.said = guard;
    const offset_ms = Math.max(...intercept.bounds.map((bound) => bound.offset_ms));
    intercept.saidAt_ms = Math.max(intercept.saidAt_ms, Math.min(now_ms, stood.clock_ms + offset_ms));
  }

  /** There is no connection to it, or none any more; another intercept may answer next. */
  lost(name: string, reason: string): void {
    const intercept = this.#of(name);
    intercept.said = { level: 'suspended', reason };
    intercept.saidAt_ms = -Infinity;
    intercept.isNew = true;
    intercept.bounds = [];
  }

  /** @returns the number of the question that each intercept has to be asked now, before something that is about to be sent */
  question(now_ms: number): number | undefined {
    const pause_ms = this.#level === 'armed' ? ASK_EVERY_MS : ASK_AGAIN_MS;
    if (now_ms - this.#askedAt_ms < pause_ms) return undefined;
    this.#askedAt_ms = now_ms;
    this.#number += 1;
    const lately = this.#questions.filter(({ at_ms }) => now_ms - at_ms < QUESTION_MAX_MS);
    this.#questions = [...lately, { number: this.#number, at_ms: now_ms }];
    return this.#number;
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

  /** Until when all of them are known to catch. */
  get caughtUntil_ms(): number {
    let since_ms = Infinity;
    for (const { said, saidAt_ms } of this.#intercepts)
      since_ms = Math.min(since_ms, said.level === 'suspended' ? -Infinity : saidAt_ms);
    return since_ms + SILENCE_MAX_MS;
  }

  #least(now_ms: number): GuardLevel {
    let areArmed = true;
    for (const { said, saidAt_ms } of this.#intercepts) {
      if (said.level === 'disarmed' && now_ms - saidAt_ms <= SILENCE_MAX_MS) return 'disarmed';
      areArmed &&= said.level === 'armed';
    }
    return areArmed && (now_ms <= this.caughtUntil_ms || this.isAtRest(now_ms)) ? 'armed' : 'suspended';
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

  /** The fastest of the last questions tells best how intercept's clock stands. */
  #learn(intercept: Intercept, { asked, heard_ms }: Stood, now_ms: number): void {
    const isLate = (at_ms: number): boolean => now_ms - at_ms >= QUESTION_MAX_MS;
    const question = this.#questions.find(({ number, at_ms }) => number === asked && !isLate(at_ms));
    const lately = intercept.bounds.filter(({ askedAt_ms }) => !isLate(askedAt_ms));
    const isKnown = lately.some((bound) => bound.asked === asked);
    intercept.bounds =
      !question || isKnown
        ? lately
        : [...lately, { asked, askedAt_ms: question.at_ms, offset_ms: question.at_ms - heard_ms }];
  }

  #of(name: string): Intercept {
    const intercept = this.#intercepts.find((one) => one.name === name);
    if (!intercept) throw new Error(`there is no intercept ${name}`);
    return intercept;
  }
}

function silenceOf({ saidAt_ms }: Intercept, now_ms: number): string | undefined {
  // It is connected, and was asked a moment ago.
  if (saidAt_ms === -Infinity) return NOT_CONNECTED.reason;
  const silent_ms = now_ms - saidAt_ms;
  if (silent_ms <= SILENCE_MAX_MS) return undefined;
  return `intercept has not said for ${Math.round(silent_ms)} ms that its guard is armed: it, or the way to it, is too busy or stands still`;
}
