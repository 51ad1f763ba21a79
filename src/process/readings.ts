/** What a program counts, for its log and for Prometheus. */

export interface Readings {
  /** Only ever grow while the program runs. */
  readonly counters: Readonly<Record<string, number>>;
  /** How things stand now. */
  readonly gauges: Readonly<Record<string, number>>;
}

/** Counters whose last part is a reason; Prometheus gets them as one metric with a label. */
const REASON_PREFIXES = [
  'segments_dropped',
  'sessions_given_up',
  'requests_given_up',
  'copies_refused',
  'send_failed',
  'capture_rejected',
  'routes_refused',
  'responses_rejected',
];

/**
 * Prometheus' text format, version 0.0.4.
 *
 * @param program prefix of every name
 */
export function formatMetrics(program: string, { counters, gauges }: Readings): string {
  const lines: string[] = [];
  const declared = new Set<string>();
  const metric = (name: string, type: string, labels: string, value: number): void => {
    if (!declared.has(name)) lines.push(`# TYPE ${name} ${type}`);
    declared.add(name);
    lines.push(`${name}${labels} ${value}`);
  };
  for (const [name, value] of Object.entries(gauges)) metric(`${program}_${plain(name)}`, 'gauge', '', value);
  // All samples of one metric must stand together.
  const sorted = Object.entries(counters).sort(([a], [b]) => (a < b ? -1 : 1));
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

const plain = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_');
