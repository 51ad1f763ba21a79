/** One thing that was tried, as reports for CI servers name it: a copy that was verified, or a round of a scenario. */
import { counted } from '../verify/findings/finding';
import type { Verification } from '../verify/verification';

export interface CaseReport {
  /** What it is a case of, for example the topology. */
  readonly suite: string;
  readonly name: string;
  readonly verdict: 'pass' | 'fail';
  /** How long it took, if that was measured. */
  readonly duration_ms?: number;
  /** A line each; empty when it passed. */
  readonly reasons: readonly string[];
  /** What is worth a column in a table: the same names for all cases of a suite. */
  readonly figures: Readonly<Record<string, string | number>>;
  /** The command that tries it again. */
  readonly repeat?: string;
}

/** In the order of the first case of each. */
export const suitesOf = (cases: readonly CaseReport[]) =>
  [...new Set(cases.map(({ suite }) => suite))].map((suite) => ({
    suite,
    cases: cases.filter((one) => one.suite === suite),
  }));

/** @param suite the topology or lab */
export function caseOfVerification(
  suite: string,
  verification: Verification,
  duration_ms: number,
): CaseReport {
  const { verdict, scene, requests, streams, leaks, fences, outside, reasons, profile } = verification;
  return {
    suite,
    name: `${scene.online.name} to ${scene.test.name}`,
    verdict,
    duration_ms,
    reasons: reasons.flatMap(({ code, message, mend }) => [
      `${code}: ${message}`,
      ...(mend === undefined ? [] : [`mend: ${mend}`]),
    ]),
    figures: {
      ...(streams
        ? { connections: requests.online, 'bytes at online': streams.online, 'bytes at test': streams.test }
        : { sent: requests.sent, 'at test': requests.test }),
      missing: requests.missing,
      duplicated: requests.duplicated,
      altered: requests.altered,
      leaks: counted(leaks.frames, 'frame'),
      ...(fences > 0 && { 'calls outside': outside.length }),
    },
    ...(profile.protocol === 'bytes'
      ? {}
      : { repeat: `lab verify --seed ${profile.seed} --requests ${profile.requests}` }),
  };
}
