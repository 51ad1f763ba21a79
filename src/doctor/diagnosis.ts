/** What a check says: what was seen, whether it is right, and what to do about it. */
import type { Cause } from './causes';

export type Diagnosis<C extends string = Cause> =
  | { readonly check: string; readonly verdict: 'ok'; readonly evidence: string }
  | {
      readonly check: string;
      readonly verdict: 'wrong';
      readonly cause: C;
      readonly evidence: string;
      /** A command, or what to do where there is none. */
      readonly mend: string;
    }
  | {
      readonly check: string;
      /** It cannot be told, or may be meant. */
      readonly verdict: 'unknown';
      readonly evidence: string;
      /** How it could be told, or what to look at. */
      readonly mend?: string;
    };

export type Verdict = Diagnosis['verdict'];

/** What one check found; nothing when its question does not arise. */
export type Finding<C extends string = Cause> =
  | { readonly verdict: 'ok'; readonly evidence: string }
  | { readonly verdict: 'wrong'; readonly cause: C; readonly evidence: string; readonly mend: string }
  | { readonly verdict: 'unknown'; readonly evidence: string; readonly mend?: string };

export interface Check<Facts, C extends string = Cause> {
  readonly id: string;
  readonly find: (facts: Facts) => readonly Finding<C>[];
}

export const ok = (evidence: string): Finding<never> => ({ verdict: 'ok', evidence });
export const wrong = <C extends string = Cause>(cause: C, evidence: string, mend: string): Finding<C> => ({
  verdict: 'wrong',
  cause,
  evidence,
  mend,
});
export const unknown = (evidence: string, mend?: string): Finding<never> => ({
  verdict: 'unknown',
  evidence,
  ...(mend === undefined ? {} : { mend }),
});

/** All checks in their order: causes before what follows from them. */
export const diagnose = <Facts, C extends string>(
  checks: readonly Check<Facts, C>[],
  facts: Facts,
): Diagnosis<C>[] =>
  checks.flatMap(({ id, find }) => find(facts).map((finding) => ({ check: id, ...finding })));

/** `1 packet`, `2 packets`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
