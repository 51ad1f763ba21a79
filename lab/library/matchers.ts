/** What tests expect of labs and verifications. Each can fail, and then names what was found. */
import { counted, type Finding, type FindingCode } from '../verify/findings/finding';
import type { Verification } from '../verify/verification';
import type { Lab } from './lab';

/** As Jest and Vitest take it. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What is added to `expect(…)`. @typeParam R what a matcher gives back */
export interface LabMatchers<R> {
  /**
   * Of a verification: every byte that clients said to the online server reached the test server once, all else was as it should
   * be, and the evidence holds. What is in doubt or was left out is not exact, and neither is nothing at all.
   */
  toBeExact(): R;
  /**
   * Of a verification, or of all that were made of a lab (at least one): nothing got past the guard, and no tap was blind or lost
   * frames, in which it would have been seen.
   */
  toLeakNothing(): R;
}

/** @param received a verification @throws TypeError when it is none */
export function toBeExact(received: unknown): MatcherResult {
  if (!isVerification(received))
    throw new TypeError('toBeExact takes a verification: what `lab.verify()` resolves with.');
  return resultOf('to be exact', whyInexact(received));
}

/** @param received a verification, or a lab @throws TypeError when it is neither */
export function toLeakNothing(received: unknown): MatcherResult {
  if (isVerification(received)) return resultOf('to leak nothing', whyLeaking(received));
  if (!isLab(received)) throw new TypeError('toLeakNothing takes a verification or a lab.');
  const { name, verifications } = received;
  if (verifications.length === 0)
    return resultOf('to leak nothing', [`Nobody has looked at lab ${name} yet: call its verify() before.`]);
  return resultOf('to leak nothing', verifications.flatMap(whyLeaking));
}

function resultOf(what: string, faults: readonly string[]): MatcherResult {
  const pass = faults.length === 0;
  return {
    pass,
    message: () =>
      pass
        ? `expected it not ${what}, and nothing was found`
        : [`expected it ${what}`, ...faults].join('\n\n'),
  };
}

function whyInexact({ reasons, notes, requests, leftOut, streams }: Verification): string[] {
  const said = streams ? streams.online : requests.online;
  return [
    ...reasons.map(textOf),
    ...(reasons.length === 0 && said === 0 ? ['Clients said nothing to the online server.'] : []),
    ...(requests.doubtful > 0 ? notes.map(textOf) : []),
    ...(leftOut
      ? [
          `${counted(leftOut.requests, 'request')} of ${counted(leftOut.connections, 'connection')} were left out.`,
        ]
      : []),
  ];
}

/** Without whole captures that nothing leaked is not known. */
const BLIND: readonly FindingCode[] = ['tap-blind', 'tap-dropped', 'tap-damaged', 'evidence-disagrees'];

function whyLeaking({ reasons, leaks }: Verification): string[] {
  return [
    ...reasons.filter(({ code }) => code === 'leak' || BLIND.includes(code)).map(textOf),
    ...leaks.first.map(({ tap, text, name }) => `${tap}: ${text} (${name})`),
  ];
}

const textOf = ({ code, message, mend }: Finding): string =>
  `${code}: ${message}${mend === undefined ? '' : `\n  mend: ${mend}`}`;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isVerification = (value: unknown): value is Verification =>
  isObject(value) && 'verdict' in value && 'leaks' in value && 'controls' in value;

const isLab = (value: unknown): value is Lab => isObject(value) && 'verifications' in value;
