import { jest } from '@jest/globals';
import type { KernelQueue } from '../../../src/capture/source';
import { Relief } from '../../../src/overload/relief';
import type { OverloadWish } from '../../../src/overload/wish';
import type { Fields, Log } from '../../../src/process/log';
import { Admission } from '../../../src/session/tables/admission';
import { BUCKETS, type BucketStates } from '../../../src/wire/tables/bucket';
import { useFakeTime, useRealTime } from '../fake-time';

/** A copy with a queue that is as full as is said. */
function relieving(wish: OverloadWish, percentage = 100) {
  const told: BucketStates[] = [];
  const lines: [string, Fields | undefined][] = [];
  const log: Log = {
    info: (event, fields) => lines.push([event, fields]),
    warning: (event, fields) => lines.push([event, fields]),
    error: (event, fields) => lines.push([event, fields]),
  };
  const state = { fill: 0, letIn: 0, dropped: 0, read: 0, leftOut: 0, late: 0, losses: 0 };
  const queue: KernelQueue = {
    fill: () => state.fill,
    totals: () => ({ letIn: state.letIn, dropped: state.dropped }),
    get read() {
      return state.read;
    },
    isCaughtUp: () => state.fill === 0,
    letIn: (states) => told.push(states),
    leftOutTotal: () => state.leftOut,
  };
  const admission = new Admission({ percentage, gradual: false });
  const copy = {
    admission,
    copiesLeftOut: 3,
    connectionsLeftOut: 4,
    late: () => (state.late += 1),
    lossReported: () => (state.losses += 1),
  };
  const relief = new Relief(queue, copy, wish, percentage, log);
  const at = (now_ms: number, fill: number): void => {
    jest.advanceTimersByTime(now_ms - performance.now());
    Object.assign(state, { fill, letIn: state.letIn + 1000, read: state.read + (fill > 0 ? 100 : 1000) });
    if (fill === 0) state.read = state.letIn;
    relief.attend();
  };
  return { relief, state, told, lines, admission, at };
}

const openIn = (states: BucketStates): number => states.filter((state) => state === 'open').length;

beforeEach(() => {
  useFakeTime();
});
afterEach(() => {
  useRealTime();
});

describe('relief', () => {
  test('tells the kernel what is copied only where that is not all', () => {
    expect(relieving('leave-out').told).toEqual([]);
    const { told } = relieving('leave-out', 20);
    expect(told).toHaveLength(1);
    expect(told[0]!.filter((state) => state === 'not-chosen')).toHaveLength(80);
  });

  test('leaves connections out when the queue fills, and says so once, and what came of it', () => {
    const { relief, at, admission, told, lines, state } = relieving('leave-out');
    at(1000, 0);
    at(1500, 0.1);
    expect([admission.open, told.length]).toEqual([BUCKETS, 0]);
    at(2000, 0.3);
    expect(admission.open).toBeLessThan(BUCKETS);
    expect(openIn(told[0]!)).toBe(admission.open);
    state.leftOut = 50;
    for (let now_ms = 2500; now_ms < 30_000; now_ms += 250) at(now_ms, 0);
    expect(openIn(told.at(-1)!)).toBe(BUCKETS);
    expect(lines.map(([event]) => event)).toEqual(['overloaded', 'copying all connections again']);
    expect(lines[1]![1]).toMatchObject({ connections_left_out: 50, copies_ended: 0 });
    expect(relief.readings()).toMatchObject({
      counters: { connections_left_out: 54, overload_episodes: 1 },
      gauges: { copied_share_percent: 100 },
    });
  });

  test('opens nothing while something waits that an earlier filter let in', () => {
    const { at, admission } = relieving('leave-out');
    at(1000, 0);
    at(2000, 0.3);
    const { open } = admission;
    for (let now_ms = 2500; now_ms < 5000; now_ms += 250) at(now_ms, 0.001);
    expect(admission.open).toBe(open);
    at(5000, 0);
    expect(admission.open).toBeGreaterThan(open);
  });

  test('says that what was captured is late for as long as something waits', () => {
    const { at, state } = relieving('leave-out');
    at(1000, 0);
    expect(state.late).toBe(0);
    at(1001, 0.01);
    expect(state.late).toBe(1);
  });

  test('tells that packets were lost, once a second while they are', () => {
    const { at, state } = relieving('wait');
    at(1000, 0.5);
    expect(state.losses).toBe(0);
    for (let now_ms = 2000; now_ms < 4500; now_ms += 100) {
      state.dropped += 10;
      at(now_ms, 1);
    }
    expect(state.losses).toBe(3);
  });

  test('tells it once more behind what had waited before, and only then who is silent', () => {
    const { at, state } = relieving('wait');
    at(1000, 0.5);
    state.dropped = 10;
    at(1010, 1);
    expect(state.losses).toBe(1);
    at(1500, 0.5);
    expect(state.losses).toBe(1);
    at(1600, 0);
    at(3000, 0);
    expect(state.losses).toBe(2);
  });

  test('sees within a second that packets were lost behind which none came', () => {
    const { at, state } = relieving('wait');
    at(1000, 0);
    state.dropped = 10;
    jest.advanceTimersByTime(1100);
    expect(state.losses).toBe(1);
  });

  test('leaves nothing out when it shall wait', () => {
    const { at, admission, told, lines } = relieving('wait');
    at(1000, 0);
    for (let fill = 0.1; fill <= 1; fill += 0.1) at(1000 + 1000 * fill, fill);
    expect([admission.open, told, lines]).toEqual([BUCKETS, [], []]);
  });
});
