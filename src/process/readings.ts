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
  for (const histogram of HISTOGRAMS) lines.push(...histogramLines(program, histogram, counters));
  for (const { name, labels, steps, sum_s, count } of histograms) {
    const full = `${program}_${name}`;
    if (!declared.has(full)) lines.push(`# TYPE ${full} histogram`);
    declared.add(full);
    const common = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const sample = (suffix: string, more: readonly string[], value: number): number =>
      lines.push(`${full}_${suffix}{${[...common, ...more].join(',')}} ${value}`);
    for (const step of steps) sample('bucket', [`le="${step.le_s}"`], step.count);
    sample('bucket', ['le="+Inf"'], count);
    sample('sum', [], sum_s);
    sample('count', [], count);
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

function histogramLines(
  program: string,
  { name, within, sum_ms, count }: (typeof HISTOGRAMS)[number],
  counters: Readonly<Record<string, number>>,
): string[] {
  const steps = Object.entries(counters)
    .filter(([counter]) => counter.startsWith(within))
    .map(([counter, value]) => ({ le: secondsOf(counter.slice(within.length)), value }))
    .sort((a, b) => a.le - b.le);
  if (steps.length === 0) return [];
  const total = counters[count] ?? 0;
  const full = `${program}_${name}`;
  return [
    `# TYPE ${full} histogram`,
    ...steps.map(({ le, value }) => `${full}_bucket{le="${le}"} ${value}`),
    `${full}_bucket{le="+Inf"} ${total}`,
    `${full}_sum ${(counters[sum_ms] ?? 0) / 1000}`,
    `${full}_count ${total}`,
  ];
}

const plain = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_');
