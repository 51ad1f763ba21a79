/** Readings as series over time, and as rates. */
import type { CopyReading, FlowName, Reading } from '../../lab/web/messages/reading';
import { flowNames } from '../../lab/web/messages/reading';

export interface Point {
  readonly at_ms: number;
  readonly value: number;
}

export const copyIn = (reading: Reading | undefined, from: string): CopyReading | undefined =>
  reading?.copies.find((copy) => copy.from === from);

/** What a counter of tcpcopy was; left out where there was none. */
export function counterSeries(readings: readonly Reading[], from: string, counter: string): Point[] {
  return readings.flatMap((reading) => {
    const value = copyIn(reading, from)?.counters.tcpcopy?.[counter];
    return value === undefined ? [] : [{ at_ms: reading.at_ms, value }];
  });
}

export function flowSeries(readings: readonly Reading[], from: string, flow: FlowName): Point[] {
  return readings.flatMap((reading) => {
    const copy = copyIn(reading, from);
    return copy ? [{ at_ms: reading.at_ms, value: copy.flows[flow] }] : [];
  });
}

/** Growth a second, from one point to the next. What shrinks was begun anew: its growth is what it has become. */
export function rates(points: readonly Point[]): Point[] {
  return points.slice(1).map(({ at_ms, value }, index) => {
    const before = points[index]!;
    const grown = value >= before.value ? value - before.value : value;
    return { at_ms, value: (grown * 1000) / Math.max(1, at_ms - before.at_ms) };
  });
}

export interface FlowNow {
  readonly total: number;
  /** Packets a second. */
  readonly rate: number;
}

export function flowsNow(readings: readonly Reading[], from: string): Record<FlowName, FlowNow> {
  const last = readings.slice(-2);
  const now = (flow: FlowName): FlowNow => {
    const points = flowSeries(last, from, flow);
    return { total: points.at(-1)?.value ?? 0, rate: rates(points).at(-1)?.value ?? 0 };
  };
  return Object.fromEntries(flowNames.map((flow) => [flow, now(flow)])) as Record<FlowName, FlowNow>;
}

/** Counters whose names begin so and that are not 0, by the rest of their names. */
export function byReason(
  counters: Readonly<Record<string, number>> | undefined,
  prefix: string,
): [reason: string, count: number][] {
  return Object.entries(counters ?? {})
    .filter(([name, count]) => name.startsWith(prefix) && count > 0)
    .map(([name, count]): [string, number] => [name.slice(prefix.length), count])
    .sort(([, a], [, b]) => b - a);
}

/** Coordinates for a polyline in a box, the newest at the right; the time before the first point stays empty. */
export function polyline(points: readonly Point[], width: number, height: number, span_ms: number): string {
  const end_ms = points.at(-1)?.at_ms ?? 0;
  const most = Math.max(1, ...points.map(({ value }) => value));
  return points
    .filter(({ at_ms }) => end_ms - at_ms <= span_ms)
    .map(({ at_ms, value }) => {
      const x = width - ((end_ms - at_ms) / span_ms) * width;
      const y = height - (value / most) * (height - 2) - 1;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
