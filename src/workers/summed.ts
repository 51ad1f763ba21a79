/** Readings of several workers as those of one program: what is counted is summed up. */
import type { Histogram, Readings } from '../process/readings';
import type { Standing } from '../process/service-manager';

/** Of gauges that do not add up, by name: what stands for all workers. */
const GAUGES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  armed: (values) => Math.min(...values),
  lateness_ms: (values) => Math.max(...values),
  clock_error_ms: (values) => Math.max(...values),
  copied_share_percent: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
};

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

export function summedReadings(all: readonly Readings[]): Readings {
  return {
    counters: byName(
      all.map(({ counters }) => counters),
      () => total,
    ),
    gauges: byName(
      all.map(({ gauges }) => gauges),
      (name) => GAUGES[name] ?? total,
    ),
    histograms: summedHistograms(all.map(({ histograms = [] }) => histograms)),
    // Percentiles do not add up: each worker tells its own.
    told: all.flatMap(({ told = [] }, worker) => told.map((line) => ({ ...line, worker }))),
  };
}

/** Ready when all are; what is said is what one says who is not, or all say. */
export function commonStanding(all: readonly Standing[]): Standing {
  const missing = all.filter(({ ready }) => !ready);
  const said = (missing.length > 0 ? missing : all).map(({ status }) => status);
  return { ready: missing.length === 0, status: [...new Set(said)].join('; ') };
}

function byName(
  all: readonly Readonly<Record<string, number>>[],
  ruleOf: (name: string) => (values: readonly number[]) => number,
): Record<string, number> {
  const values = new Map<string, number[]>();
  for (const one of all)
    for (const [name, value] of Object.entries(one)) {
      const known = values.get(name);
      if (known) known.push(value);
      else values.set(name, [value]);
    }
  return Object.fromEntries([...values].map(([name, some]) => [name, ruleOf(name)(some)]));
}

/** By name and labels; not all workers have all of them. */
function summedHistograms(all: readonly (readonly Histogram[])[]): Histogram[] {
  const sums = new Map<string, Histogram>();
  for (const histogram of all.flat()) {
    const key = `${histogram.name} ${JSON.stringify(histogram.labels)}`;
    const known = sums.get(key);
    sums.set(key, known ? sumOf(known, histogram) : histogram);
  }
  return [...sums.values()];
}

const sumOf = (one: Histogram, other: Histogram): Histogram => ({
  ...one,
  steps: one.steps.map(({ le_s, count }, place) => ({ le_s, count: count + other.steps[place]!.count })),
  sum_s: one.sum_s + other.sum_s,
  count: one.count + other.count,
});
