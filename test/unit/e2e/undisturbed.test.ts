import { isForWantOfProof } from '../../../e2e/stage/verify-support';
import type { Verification } from '../../../lab/library';

type Judged = Pick<Verification, 'reasons' | 'counters'>;

const judged = (codes: readonly string[], counted: Readonly<Record<string, number>>): Judged =>
  ({
    reasons: codes.map((code) => ({ code, message: '' })),
    counters: { tcpcopy: { before: {}, after: counted }, intercept: { before: {}, after: {} } },
  }) as unknown as Judged;
const GIVEN_UP = { sessions_given_up_disarmed: 3 };

test('a copy is played again where it was given up for want of a proof, and nothing else is wrong', () => {
  expect(isForWantOfProof(judged(['requests-missing'], GIVEN_UP))).toBe(true);
});

test.each([
  ['nothing is missing', [], GIVEN_UP],
  ['requests are missing for another reason', ['requests-missing'], { sessions_given_up_reset: 3 }],
  ['something has leaked as well', ['leak', 'requests-missing'], GIVEN_UP],
  ['a request came twice', ['requests-duplicated'], GIVEN_UP],
] as const)('it is not where %s', (_, codes, counted) => {
  expect(isForWantOfProof(judged(codes, counted))).toBe(false);
});
