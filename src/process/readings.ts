/** What a program counts, for its log and for Prometheus. */

export interface Readings {
  /** Only ever grow while the program runs. */
  readonly counters: Readonly<Record<string, number>>;
  /** How things stand now. */
  readonly gauges: Readonly<Record<string, number>>;
  /** How long something took. */
  readonly histograms?: readonly Histogram[];
  /** The same for people, a line of the log each. */
  readonly told?: readonly Readonly<Record<string, unknown>>[];
}

export interface Histogram {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How many were no longer than `le_s`, in seconds; each step counts those of the steps before it as well. */
  readonly steps: readonly { readonly le_s: number; readonly count: number }[];
  readonly sum_s: number;
  readonly count: number;
}

/** Counters whose last part is a reason; Prometheus gets them as one metric with a label. */
const REASON_PREFIXES = [
  'segments_dropped',
  'sessions_given_up',
  'requests_given_up',
  'copies_refused',
  'answers_missing',
  'answers_online_only',
  'send_failed',
  'capture_rejected',
  'routes_refused',
  'responses_rejected',
];

/** Counters of how many stayed within a time, of their sum and of their number: Prometheus gets them as a histogram. */
const HISTOGRAMS = [
  {
    name: 'request_lateness_seconds',
    within: 'requests_sent_within_',
    sum_ms: 'requests_sent_lateness_ms',
    count: 'requests_sent',
  },
];

/**
 * Prometheus' text format, version 0.0.4.
 *
 * @param program prefix of every name
 */
export function formatMetrics(program: string, { counters, gauges, histograms = [] }: Readings): string {
  const lines: string[] = [];
  const declared = new Set<string>();
  const metric = (name: string, type: string, labels: string, value: number): void => {
    if (!declared.has(name)) lines.push(`# TYPE ${name} ${type}`);
    declared.add(name);
    lines.push(`${name}${labels} ${value}`);
  };
  for (const [name, value] of Object.entries(gauges)) metric(`${program}_${plain(name)}`, 'gauge', '', value);
  const lateness = HISTOGRAMS.flatMap((one) => histogramIn(one, counters) ?? []);
  for (const histogram of [...lateness, ...histograms]) {
    const full = `${program}_${histogram.name}`;
    if (!declared.has(full)) lines.push(`# TYPE ${full} histogram`);
    declared.add(full);
    lines.push(...samplesOf(full, histogram));
  }
  // All samples of one metric must stand together.
  const inHistogram = (name: string): boolean =>
    HISTOGRAMS.some(({ within, sum_ms }) => name.startsWith(within) || name === sum_ms);
  const plainCounters = Object.entries(counters).filter(([name]) => !inHistogram(name));
  const sorted = plainCounters.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of sorted) {
    const prefix = REASON_PREFIXES.find((candidate) => name.startsWith(`${candidate}_`));
    if (prefix === undefined) metric(`${program}_${plain(name)}_total`, 'counter', '', value);
    else {
      const reason = name.slice(prefix.length + 1).replace(/[\\"\n]/g, '?');
      metric(`${program}_${prefix}_total`, 'counter', `{reason="${reason}"}`, value);
    }
  }
  return `${lines.join('\n')}\n`;
}

const STEP_UNITS_S: Readonly<Record<string, number>> = { ms: 0.001, s: 1 };

/** '10ms' as seconds. */
function secondsOf(step: string): number {
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(step)!;
  return Number(amount) * STEP_UNITS_S[unit!]!;
}

/** Undefined where it is not counted. */
function histogramIn(
  { name, within, sum_ms, count }: (typeof HISTOGRAMS)[number],
  counters: Readonly<Record<string, number>>,
): Histogram | undefined {
  const steps = Object.entries(counters)
    .filter(([counter]) => counter.startsWith(within))
    .map(([counter, value]) => ({ le_s: secondsOf(counter.slice(within.length)), count: value }))
    .sort((a, b) => a.le_s - b.le_s);
  if (steps.length === 0) return undefined;
  return { name, labels: {}, steps, sum_s: (counters[sum_ms] ?? 0) / 1000, count: counters[count] ?? 0 };
}

function samplesOf(full: string, { labels, steps, sum_s, count }: Histogram): string[] {
  const common = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const sample = (suffix: string, more: readonly string[], value: number): string => {
    const all = [...common, ...more].join(',');
    return `${full}_${suffix}${all && `{${all}}`} ${value}`;
  };
  return [
    ...steps.map((step) => sample('bucket', [`le="${step.le_s}"`], step.count)),
    sample('bucket', ['le="+Inf"'], count),
    sample('sum', [], sum_s),
    sample('count', [], count),
  ];
}

const plain = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_');
