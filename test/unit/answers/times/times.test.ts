import { ResponseTimes, STEPS_MS } from '../../../../src/answers/times/response-times';
import { TransferTimes } from '../../../../src/answers/times/transfer-times';
import { formatMetrics } from '../../../../src/process/readings';

describe('response times', () => {
  test('have percentiles that are right to a thousandth, from microseconds to an hour', () => {
    const times = new ResponseTimes();
    for (let took_us = 1; took_us <= 100_000; took_us += 1) times.note(took_us / 1000);
    const { p50, p99, p999, max } = times.percentiles()!;
    expect(Math.abs(p50 / 50 - 1)).toBeLessThan(0.001);
    expect(Math.abs(p99 / 99 - 1)).toBeLessThan(0.001);
    expect(Math.abs(p999 / 99.9 - 1)).toBeLessThan(0.001);
    expect(Math.abs(max / 100 - 1)).toBeLessThan(0.001);
    times.note(7_200_000);
    expect(Math.abs(times.percentiles()!.max / 3_600_000 - 1)).toBeLessThan(0.001);
  });

  test('have none before anything was noted', () => {
    expect(new ResponseTimes().percentiles()).toBeUndefined();
  });

  test('count in each step what took no longer, its end included', () => {
    const times = new ResponseTimes();
    for (const took_ms of [0, 0.1, 0.11, 10, 10.5, 1e9]) times.note(took_ms);
    const within = (step_ms: number): number => times.within()[STEPS_MS.indexOf(step_ms)]!;
    expect([0.1, 0.2, 5, 10, 20, 50_000].map(within)).toEqual([2, 3, 3, 4, 5, 5]);
    expect(times.count).toBe(6);
  });

  test('are kept apart by transfer, and are classic histograms of Prometheus', () => {
    const times = new TransferTimes(['80', '81'], (port) => `${port}-test`);
    times.note('80', 3, 30);
    expect(times.readings()).toMatchObject([{ transfer: '80-test', count: 1 }]);
    const text = formatMetrics('tcpcopy', { counters: {}, gauges: {}, histograms: times.histograms('test') });
    expect(text).toContain('# TYPE tcpcopy_test_first_byte_seconds histogram\n');
    expect(text).toContain('tcpcopy_test_first_byte_seconds_bucket{transfer="80-test",le="0.002"} 0\n');
    expect(text).toContain('tcpcopy_test_first_byte_seconds_bucket{transfer="80-test",le="0.005"} 1\n');
    expect(text).toContain('tcpcopy_test_first_byte_seconds_bucket{transfer="81-test",le="+Inf"} 0\n');
    expect(text).toContain('tcpcopy_test_last_byte_seconds_sum{transfer="80-test"} 0.03\n');
    expect(text).toContain('tcpcopy_test_last_byte_seconds_count{transfer="80-test"} 1\n');
    expect(text.match(/# TYPE/g)).toHaveLength(2);
  });
});
