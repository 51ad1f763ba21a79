/** What a load tells at its end. */

export interface FailedRequest {
  readonly identity: string;
  readonly reason: string;
}

export interface Latency {
  readonly p50_ms: number;
  readonly p90_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

export interface LoadSummary {
  readonly sent: number;
  readonly answered: number;
  /** Connections that were established. */
  readonly connections: number;
  /** Local ports of the connections. */
  readonly ports: readonly number[];
  readonly failed: readonly FailedRequest[];
  readonly duration_ms: number;
  readonly latency: Latency;
}

/** Of parts that were played at the same time; how late answers came is said by the first of them. */
export function addedUp(parts: readonly LoadSummary[]): LoadSummary {
  const sum = (of: (part: LoadSummary) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  return {
    sent: sum(({ sent }) => sent),
    answered: sum(({ answered }) => answered),
    connections: sum(({ connections }) => connections),
    ports: parts.flatMap(({ ports }) => ports),
    failed: parts.flatMap(({ failed }) => failed),
    duration_ms: Math.max(...parts.map(({ duration_ms }) => duration_ms)),
    latency: parts[0]?.latency ?? latencyOf([]),
  };
}

export function latencyOf(samples_ms: readonly number[]): Latency {
  const sorted = samples_ms.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const sample = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return Math.round(sample * 1_000) / 1_000;
  };
  return { p50_ms: at(0.5), p90_ms: at(0.9), p99_ms: at(0.99), max_ms: at(1) };
}

/** A line of progress on standard error, and its reading. */
export const formatProgress = (done: number, planned: number): string => `progress ${done}/${planned}\n`;

/** Share of the load that is done, by the last line of progress in `text`; 0 when there is none. */
export function progressIn(text: string): number {
  const last = [...text.matchAll(/^progress (\d+)\/(\d+)$/gm)].at(-1);
  return last ? Number(last[1]) / Math.max(1, Number(last[2])) : 0;
}
