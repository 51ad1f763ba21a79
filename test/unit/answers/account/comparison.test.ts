import { http, json } from '../compare/answers';
import { NONE, reportOn, times, type Asked } from './run';

const found = (report: ReturnType<typeof reportOn>): string[] =>
  report.routes.flatMap(({ route, differences }) =>
    differences.map(({ place, kind, count }) => `${route}: ${place} ${kind} ${count}`),
  );

describe('noise', () => {
  const user = (at: number, more: object = {}) => json({ id: at, seen: `at ${at}`, name: 'a', ...more });

  test('is learned from the same request answered twice, and is no difference', () => {
    const report = reportOn(
      times(30, (at) => ({ target: '/user', online: user(at), test: user(1000 + at) })),
    );
    expect(found(report)).toEqual([]);
    expect(report).toMatchObject({ pairs: 30, differing: 0, onlyNoise: 30, learnedFrom: { repeats: 29 } });
    expect(report.routes[0]!.noise.map(({ place }) => place)).toEqual(['json:$.id', 'json:$.seen']);
  });

  test('is learned from a reference, where no request comes twice', () => {
    const report = reportOn(
      times(30, (at) => ({
        target: `/user/${at}`,
        online: user(at),
        test: user(1000 + at, { name: 'b' }),
        reference: user(2000 + at),
      })),
    );
    expect(found(report)).toEqual(['GET /user/{id}: json:$.name changed 30']);
    expect(report.learnedFrom).toEqual({ repeats: 0, reference: 30 });
  });

  test('hides neither what is gone nor what changes far more often than there', () => {
    const gone = reportOn(
      times(30, (at) => ({ target: '/user', online: user(at), test: json({ id: 1000 + at, name: 'a' }) })),
    );
    expect(found(gone)).toEqual(['GET /user: json:$.seen missing 30']);
    const state = (at: number, busy: boolean) => json({ at, state: busy ? 'busy' : 'free' });
    const often = reportOn(
      times(200, (at) => ({ target: '/s', online: state(at, at % 20 === 0), test: state(at, true) })),
    );
    expect(found(often)).toEqual(['GET /s: json:$.state changed 190']);
    const asOften = reportOn(
      times(200, (at) => ({ target: '/s', online: state(at, at % 4 === 0), test: state(at, at % 4 === 1) })),
    );
    expect(found(asOften)).toEqual([]);
  });

  test('of a header that all routes have is known on a route where nothing was learned', () => {
    const tagged = (at: number) => http(200, { 'x-request-id': `r-${at}` }, 'x');
    const report = reportOn([
      ...times(30, (at): Asked => ({ target: '/a', online: tagged(at), test: tagged(100 + at) })),
      { target: '/b', online: tagged(200), test: tagged(300) },
    ]);
    expect(found(report)).toEqual([]);
  });

  test('is not known where no request comes twice: then all that differs is told', () => {
    const report = reportOn([{ target: '/a', online: user(1), test: user(2) }]);
    expect(found(report)).toHaveLength(2);
    expect(report.routes[0]!.learnedFrom).toBe(0);
  });
});

describe('what requests carry', () => {
  const login: Asked = {
    target: '/login',
    online: http(200, { 'set-cookie': 'sid=online-a1b2c3' }),
    test: http(200, { 'set-cookie': 'sid=testing-d4e5f6' }),
  };
  const within = (count: number, test: Asked['test']): Asked[] =>
    times(count, () => ({ target: '/me', online: http(200, {}, 'you'), test, cookie: 'sid=online-a1b2c3' }));

  test('explains what differs where most that carry it differ, and is told with where it had stood', () => {
    const report = reportOn([login, ...within(9, http(401)), ...within(1, http(200, {}, 'you'))]);
    const me = report.routes.find(({ route }) => route === 'GET /me')!;
    expect(me).toMatchObject({ pairs: 10, differing: 0, carried: 9 });
    expect(me.carriedFrom).toEqual([{ place: 'header:set-cookie:sid', count: 9 }]);
    expect(me.carriedDifferences.map(({ place, count }) => `${place} ${count}`)).toContain('status 9');
  });

  test('explains nothing where most that carry it are the same', () => {
    const report = reportOn([login, ...within(9, http(200, {}, 'you')), ...within(1, http(500))]);
    const me = report.routes.find(({ route }) => route === 'GET /me')!;
    expect(me).toMatchObject({ pairs: 10, differing: 1, carried: 0 });
    expect(me.differences[0]!.examples).toHaveLength(1);
  });

  test('is no reason not to answer', () => {
    const me = reportOn([login, ...within(10, NONE)]).routes.find(({ route }) => route === 'GET /me')!;
    expect(me).toMatchObject({ differing: 10, unanswered: 10, carried: 0 });
  });
});

describe('routes', () => {
  test('are one where so many names stand beside each other that they must be ids', () => {
    const names = times(40, (at) => `${String.fromCharCode(97 + (at % 26))}${'xyz'[Math.floor(at / 26)]!}`);
    const report = reportOn(
      names.map((name) => ({ target: `/shops/${name}/open`, online: http(200), test: http(404) })),
    );
    expect(report.routes.map(({ route, pairs }) => `${route} ${pairs}`)).toEqual(['GET /shops/{…}/open 40']);
    expect(report.routes[0]!.differences[0]).toMatchObject({ place: 'status', count: 40 });
    expect(report.routes[0]!.differences[0]!.examples).toHaveLength(3);
  });

  test('are bounded, whatever is asked', () => {
    const report = reportOn(
      times(3000, (at) => ({
        target: `/${times(4, (part) => `w${(at * (part + 3)) % 19}z${part}`).join('/')}`,
        online: http(200),
        test: http(200),
      })),
    );
    expect(report.pairs).toBe(3000);
    expect(report.routes.length).toBeLessThanOrEqual(501);
  });

  test('stand in the order of what hurts', () => {
    const report = reportOn([
      ...times(9, (): Asked => ({
        target: '/changed',
        online: http(200, {}, 'a'),
        test: http(200, {}, 'b'),
      })),
      ...times(4, (): Asked => ({ target: '/down', online: http(200), test: NONE })),
      ...times(50, (): Asked => ({ target: '/fine', online: http(200), test: http(200) })),
      ...times(50, (): Asked => ({ target: '/slow', online: http(200), test: http(200), took_ms: [1, 9] })),
    ]);
    expect(report.routes.map(({ route }) => route)).toEqual([
      'GET /slow',
      'GET /down',
      'GET /changed',
      'GET /fine',
    ]);
    expect(report).toMatchObject({ pairs: 113, differing: 13, unanswered: 4 });
  });
});

describe('times', () => {
  const slow = (count: number, factor: number) =>
    reportOn(
      times(count, (at) => ({
        target: '/a',
        online: http(200),
        test: http(200),
        took_ms: [1 + (at % 7), factor * (1 + ((at * 3) % 7))],
      })),
    ).routes[0]!.times!;

  test('are slower, faster or the same, by more than chance', () => {
    expect(slow(200, 3)).toMatchObject({ verdict: 'slower', pairs: 200 });
    expect(slow(200, 0.3).verdict).toBe('faster');
    expect(slow(200, 1).verdict).toBe('same');
    expect(slow(10, 3).verdict).toBe('same');
  });

  test('are percentiles of both, to a hundredth, and their ratio', () => {
    const { online_ms, test_ms, ratio } = slow(700, 2);
    expect(online_ms.p50).toBeCloseTo(4, 1);
    expect(test_ms.max / 14).toBeCloseTo(1, 1);
    expect(ratio.p50).toBeCloseTo(2, 1);
  });
});
