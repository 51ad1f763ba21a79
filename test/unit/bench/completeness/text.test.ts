import { fullLoads } from '../../../../bench/completeness/full-loads';
import { smallLoads } from '../../../../bench/completeness/small-loads';
import { completenessTable } from '../../../../bench/completeness/text';
import { rowOf } from '../../../../bench/loads/row';

const difference = {
  ...{ online: 20_000, test: 4_016, missing: 15_984, doubled: 0 },
  ...{ examplesMissing: ['GET /x'], examplesDoubled: [] },
};
const seen = {
  ...{ difference, played: { requests: 20_000, seconds: 2 }, lag_ms: 4_250 },
  ...{ faults: ['late'], counters: { requests_doubtful: 7 } },
};
const row = rowOf({ id: 'closes', title: 'test closes', original: '6,558' }, seen);

describe('the table', () => {
  test('tells what is missing apart from what is in doubt, and what tcpcopy counted', () => {
    const text = completenessTable([row]);
    expect(text).toMatch(
      /^test closes +20,000 +4,016 +15,984 +0 +7 +0 +2\.00 +10,000 +4\.3 +NOT EXACT +6,558$/m,
    );
    expect(text).toContain(
      'closes: late\ncloses: missing: GET /x\ncloses: tcpcopy counted requests_doubtful 7',
    );
    expect(text).toContain('1 of 1 rows are not exact.');
  });

  test('has the original beside it where that was played, and why it was not', () => {
    const beside = completenessTable([
      { ...row, beside: { row: { ...row, notes: ['late', 'missing: GET /x'] } } },
      { ...row, beside: { failure: 'it has ended' } },
    ]);
    expect(beside).toMatch(/ original 0\.9, in this run$/m);
    expect(beside).toMatch(/NOT EXACT +4,016 of 20,000, 4\.3 s behind$/m);
    expect(beside).toMatch(/NOT EXACT +failed$/m);
    expect(beside).toContain('closes: original: late\n');
    expect(beside).not.toContain('original: missing');
    expect(beside).toContain('closes: the original failed: it has ended');
  });
});

test.each([
  ['full', fullLoads({ idle_ms: 1_000 })],
  ['small', smallLoads()],
])('no two of the %s loads have the same name', (_sizes, loads) => {
  expect(new Set(loads.map(({ id }) => id)).size).toBe(loads.length);
});
