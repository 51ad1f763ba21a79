/** A comparison of exchanges that are made up, without captures. */
import { Comparison } from '../../../../src/answers/account/comparison';
import { reportOf, type ComparisonReport } from '../../../../src/answers/account/report';
import type { Exchange } from '../../../../src/answers/reading/exchange';
import { BODY_BYTES, exchange, request, rulesOf, type Rulings } from '../compare/answers';

type Answer = Exchange['response'] | Pick<Exchange, 'outcome' | 'response'>;

export interface Asked {
  /** Also what the request is known again by. */
  readonly target: string;
  readonly online: Answer;
  readonly test: Answer;
  readonly reference?: Answer;
  readonly client?: string;
  readonly cookie?: string;
  /** Milliseconds that each took. */
  readonly took_ms?: readonly [online: number, test: number];
}

export const NONE = { outcome: 'none', response: undefined } as const;

const asOutcome = (answer: Answer): Pick<Exchange, 'outcome' | 'response'> =>
  answer && 'outcome' in answer ? answer : { outcome: 'whole', response: answer };

/** @param asked in this order, at both servers */
export function reportOn(asked: readonly Asked[], rulings: Rulings = {}): ComparisonReport {
  const hasReference = asked.some(({ reference }) => reference !== undefined);
  const comparison = new Comparison({
    rules: rulesOf(rulings),
    body_bytes: BODY_BYTES,
    waiting_max: 10_000,
    held_bytes_max: 100_000_000,
    hasReference,
  });
  for (const [at, one] of asked.entries()) {
    const { target, online, test, reference, client = '198.18.10.10:40000', cookie, took_ms = [1, 1] } = one;
    const common = {
      client,
      request: request(target, cookie === undefined ? [] : [['cookie', cookie]]),
      digest: `${target} ${cookie ?? ''}`,
      sequence: at,
      requested_s: at,
    };
    const answered = (answer: Answer, ms: number): Exchange =>
      exchange({ ...common, ...asOutcome(answer), first_s: at + ms / 1000, last_s: at + ms / 1000 });
    comparison.add('online', answered(online, took_ms[0]));
    comparison.add('test', answered(test, took_ms[1]));
    if (reference) comparison.add('reference', answered(reference, 1));
  }
  comparison.end();
  return reportOf(comparison);
}

/** So many requests, each made by its number. */
export const times = <T>(count: number, one: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => one(at));
