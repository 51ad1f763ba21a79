import { casesOfComparison } from '../../../../src/answers/report/cases';
import { crossedOf, parseThreshold, ThresholdError } from '../../../../src/answers/report/thresholds';
import { http } from '../compare/answers';
import { NONE, reportOn, times, type Asked } from '../account/run';

const report = reportOn([
  ...times(98, (): Asked => ({ target: '/a', online: http(200), test: http(200), took_ms: [10, 10] })),
  ...times(2, (): Asked => ({ target: '/a', online: http(200), test: http(500), took_ms: [10, 10] })),
  ...times(100, (): Asked => ({ target: '/slow', online: http(200), test: http(200), took_ms: [10, 30] })),
  ...times(1, (): Asked => ({ target: '/gone', online: http(200), test: NONE })),
]);
const crossed = (...texts: string[]) => crossedOf(report, texts.map(parseThreshold));

describe('a limit', () => {
  test.each([
    ['differing > 1%', true],
    ['differing > 1.5%', false],
    ['differing > 2', true],
    ['differing > 3', false],
    ['unanswered > 0', true],
    ['unanswered>1', false],
    ['carried > 0', false],
    ['unjudged > 0%', false],
    ['unmatched > 0', false],
    ['p99 > 2x', true],
    ['p50 > 50ms', false],
    ['p90 > 20ms', true],
    ['route differing > 1%', true],
    ['route p50 > 2.5x', true],
    ['route p50 > 3.5x', false],
    ['route p99 > 0x', false],
  ])('%s is passed: %p', (text, isPassed) => {
    expect(crossed(text).length > 0).toBe(isPassed);
  });

  test('says of which route, and by how much', () => {
    expect(crossed('route p50 > 2x')).toEqual([
      expect.objectContaining({
        route: 'GET /slow',
        message: expect.stringMatching(/^GET \/slow: p50 is .* beside /),
      }),
    ]);
    expect(crossed('differing > 0')[0]!.message).toBe('all: 3 of 201 differing');
  });

  test.each([
    '',
    'differing',
    'differing < 1',
    'differing > 1x',
    'p99 > 1',
    'p99 > 1%',
    'p98 > 1x',
    'route unmatched > 1',
    'differing > -1',
    'differing > 1e9',
  ])('%j is refused by name', (text) => {
    expect(() => parseThreshold(text)).toThrow(ThresholdError);
    expect(() => parseThreshold(text)).toThrow(JSON.stringify(text));
  });
});

describe('cases for CI servers', () => {
  test('are the routes, of which those fail that pass a limit', () => {
    const limits = ['route p50 > 2x', 'differing > 90%'].map(parseThreshold);
    const cases = casesOfComparison('compare', report, limits, crossedOf(report, limits));
    expect(cases.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'differing > 90% pass',
      'GET /slow fail',
      'GET /a pass',
      'GET /gone pass',
    ]);
  });

  test('without limits are those that differ', () => {
    const cases = casesOfComparison('compare', report, [], []);
    expect(cases.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)).toEqual([
      'GET /a',
      'GET /gone',
    ]);
    expect(cases.find(({ name }) => name === 'GET /a')!.reasons).toEqual(['status: changed, 2 of 100']);
  });
});
