import { countersInLog, growthOf, timesInLog } from '../../../../lab/verify/evidence/copy-state';

const line = (event: string, fields: Record<string, unknown>): string =>
  JSON.stringify({ time: '2026-11-24T21:20:03Z', program: 'tcpcopy', level: 'info', event, ...fields });

describe('counters in a log', () => {
  test('are those of its last line of counters, without what every line has', () => {
    const log = [
      line('started', { pid: 7 }),
      line('counters', { sent: 1 }),
      line('counters', { sent: 5, held: 0 }),
      line('armed', {}),
      '',
    ].join('\n');
    expect(countersInLog(log)).toEqual({ sent: 5, held: 0 });
  });

  test('are none in a log without any', () => {
    expect(countersInLog('')).toBeUndefined();
    expect(countersInLog(line('started', {}))).toBeUndefined();
  });

  test('are those before a line that is still being written', () => {
    const log = `${line('counters', { sent: 1 })}\n${line('counters', { sent: 5 }).slice(0, -4)}`;
    expect(countersInLog(log)).toEqual({ sent: 1 });
  });
});

test('growth is that of numbers which grew', () => {
  const before = { sent: 10, held: 4, state: 'armed', lost: 2 };
  const after = { sent: 15, held: 1, state: 'disarmed', lost: 2, failed: 3 };
  expect(growthOf(before, after)).toEqual({ sent: 5, failed: 3 });
  expect(growthOf(undefined, { sent: 2 })).toEqual({ sent: 2 });
  expect(growthOf(before, undefined)).toEqual({});
});

test('what tcpcopy says of response times stands right before its last counters', () => {
  const percentiles = { p50: 1, p90: 2, p99: 3, p999: 4, max: 5 };
  const times = (of: string, count: number, more = {}): string =>
    line('response times', {
      of,
      transfer: '80-a:8080',
      count,
      first_byte_ms: percentiles,
      last_byte_ms: percentiles,
      ...more,
    });
  const log = [
    times('test server', 1),
    line('counters', { sent: 1 }),
    times('test server', 2, { clock_error_ms: 0.1 }),
    times('online server', 2, { by: 'packets' }),
    line('counters', { sent: 2 }),
    line('stopping', {}),
  ].join('\n');
  expect(timesInLog(log)).toMatchObject([
    { of: 'test server', count: 2, clock_error_ms: 0.1 },
    { of: 'online server', count: 2, by: 'packets' },
  ]);
  expect(timesInLog(line('counters', {}))).toEqual([]);
});
