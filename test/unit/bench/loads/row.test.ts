import { rowOf, together, type Seen } from '../../../../bench/loads/row';
import { compare, tally } from '../../../../bench/records/book';

const load = { id: 'load', title: 'A load' };

const seen = (online: readonly string[], test: readonly string[], more: Partial<Seen> = {}): Seen => ({
  difference: compare({ online: tally(online), test: tally(test) }),
  played: { requests: online.length, seconds: 2 },
  lag_ms: 300,
  faults: [],
  counters: {},
  ...more,
});

describe('a row', () => {
  test('is exact when nothing is missing, doubled, or wrong besides', () => {
    const row = rowOf(load, seen(['a', 'b'], ['a', 'b']));
    expect(row).toMatchObject({
      exact: true,
      online: 2,
      test: 2,
      rate: 1,
      doubtful: 0,
      leftOut: 0,
      notes: [],
    });
    expect(rowOf(load, seen(['a', 'b'], ['a'])).exact).toBe(false);
    expect(rowOf(load, seen(['a'], ['a', 'a'])).exact).toBe(false);
    const late = rowOf(load, seen(['a'], ['a'], { faults: ['it was late'], notes: ['it was cold'] }));
    expect(late).toMatchObject({ exact: false, notes: ['it was late', 'it was cold'] });
  });

  test('excuses what is missing as far as it was counted as doubtful, where that may be', () => {
    const counters = { requests_doubtful: 2 };
    const row = (test: string[], mayDoubt?: boolean) =>
      rowOf(load, seen(['a', 'b', 'c', 'd'], test, { counters, ...(mayDoubt ? { mayDoubt } : {}) }));
    expect(row(['a', 'b'], true)).toMatchObject({ exact: true, missing: 2, doubtful: 2 });
    expect(row(['a'], true)).toMatchObject({ exact: false, missing: 3 });
    expect(row(['a', 'b'])).toMatchObject({ exact: false, doubtful: 2 });
    expect(row(['a', 'b', 'c', 'd', 'd'], true)).toMatchObject({ exact: false, doubled: 1 });
  });

  test('of several turns is their sum, as late as the latest, and exact when each is', () => {
    const [one, other] = [
      rowOf(load, seen(['a', 'b'], ['a', 'b'])),
      rowOf(load, seen(['a', 'b'], ['a'], { lag_ms: 900, leftOut: 3 })),
    ];
    expect(together([one, one])).toMatchObject({ exact: true, online: 4, seconds: 4, rate: 1 });
    expect(together([one, other])).toMatchObject({
      exact: false,
      test: 3,
      missing: 1,
      leftOut: 3,
      lag_ms: 900,
    });
    expect(together([one, other]).notes).toEqual(['missing: b']);
    const counted = [{ a: 1, b: 2 }, { b: 3 }].map((counters) => ({ ...one, counters }));
    expect(together([counted[0]!, counted[1]!]).counters).toEqual({ a: 1, b: 5 });
  });
});
