import { commonStanding, summedReadings } from '../../../src/workers/summed';

describe('readings of several workers', () => {
  test('are summed up, but for what stands for the worst of them, or for all', () => {
    const of = (armed: number, lateness_ms: number, open: number) => ({
      counters: { requests_sent: open },
      gauges: { armed, lateness_ms, sessions_open: open, copied_share_percent: 50 * open },
    });
    expect(summedReadings([of(1, 3, 2), of(0, 9, 1)])).toMatchObject({
      counters: { requests_sent: 3 },
      gauges: { armed: 0, lateness_ms: 9, sessions_open: 3, copied_share_percent: 75 },
    });
  });

  test('have counters and histograms that only some of them have', () => {
    const histogram = (transfer: string, count: number) => ({
      name: 'test_first_byte_seconds',
      labels: { transfer },
      steps: [
        { le_s: 0.1, count: count - 1 },
        { le_s: 1, count },
      ],
      sum_s: count,
      count,
    });
    const { counters, histograms } = summedReadings([
      { counters: { one: 1 }, gauges: {}, histograms: [histogram('a', 3)] },
      { counters: { other: 2 }, gauges: {}, histograms: [histogram('a', 4), histogram('b', 1)] },
      { counters: {}, gauges: {} },
    ]);
    expect(counters).toEqual({ one: 1, other: 2 });
    expect(histograms).toEqual([
      {
        ...histogram('a', 7),
        steps: [
          { le_s: 0.1, count: 5 },
          { le_s: 1, count: 7 },
        ],
      },
      histogram('b', 1),
    ]);
  });

  test('tell of times by worker', () => {
    const told = [{ of: 'test server' }];
    expect(summedReadings([0, 1].map(() => ({ counters: {}, gauges: {}, told }))).told).toEqual([
      { of: 'test server', worker: 0 },
      { of: 'test server', worker: 1 },
    ]);
  });
});

test('a program is ready when all of its workers are, and says what is missing once', () => {
  const copying = { ready: true, status: 'copying' };
  const waiting = { ready: false, status: 'waiting' };
  expect(commonStanding([copying, copying])).toEqual(copying);
  expect(commonStanding([copying, waiting, waiting])).toEqual(waiting);
});
