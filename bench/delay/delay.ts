/** What the copy adds between a request's arrival at the online server and the departure of its copy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { told } from '../../lab/cli/terminal/output';
import { askClient } from '../tools/ask-client';
import { withStage } from '../loads/with-stage';
import type { Stage } from '../stage/stage';
import { delaysIn, type Delays } from './delays-in';
import { startRecording } from './record';

export interface DelayOptions {
  /** Requests a second. */
  readonly rate: number;
  readonly duration_ms: number;
  readonly signal: AbortSignal;
}

export interface DelayResult {
  readonly rateWanted: number;
  /** Requests a second that the capture shows to have arrived. */
  readonly rateReached: number;
  readonly samples: number;
  /** Segments of clients whose copy is not in the capture. */
  readonly uncopied: number;
  readonly median_ms: number;
  readonly p90_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  readonly met: boolean;
}

const CONNECTIONS = 50;
const MEDIAN_MS_MAX = 1;
const P99_MS_MAX = 5;
/** Less than this of the wanted rate, and something else was measured. */
const RATE_SHARE_MIN = 0.98;
/** Copies of the last requests are still on their way. */
const LINGER_MS = 500;
const TIMEOUT_MARGIN_MS = 30_000;

export function delay(options: DelayOptions): Promise<DelayResult> {
  const { signal } = options;
  return withStage('http', { prefix: 'bench-delay', progress: told, signal }, async (stage) => {
    // The first seconds of a program's life are spent on compiling it.
    await play(stage, 'bench/warm', { ...options, duration_ms: 2_000 });
    const stop = await startRecording(stage);
    await play(stage, 'bench/delay', options);
    await sleep(LINGER_MS, undefined, { signal });
    return resultOf(delaysIn(await stop(), stage.scene), options);
  });
}

async function play(stage: Stage, tag: string, { rate, duration_ms }: DelayOptions): Promise<void> {
  const task = { kind: 'paced', connections: CONNECTIONS, rate, duration_ms } as const;
  await askClient(stage, tag, task, duration_ms + TIMEOUT_MARGIN_MS);
}

function resultOf({ samples_ms, uncopied, span_ms }: Delays, { rate }: DelayOptions): DelayResult {
  const sorted = samples_ms.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  const rateReached = ((sorted.length + uncopied) * 1000) / span_ms;
  const [median_ms, p99_ms] = [at(0.5), at(0.99)];
  return {
    rateWanted: rate,
    rateReached,
    samples: sorted.length,
    uncopied,
    median_ms,
    p90_ms: at(0.9),
    p99_ms,
    max_ms: at(1),
    met:
      uncopied === 0 &&
      median_ms < MEDIAN_MS_MAX &&
      p99_ms < P99_MS_MAX &&
      rateReached >= rate * RATE_SHARE_MIN,
  };
}

export function delayText(result: DelayResult): string {
  const { samples, uncopied, rateWanted, rateReached, median_ms, p90_ms, p99_ms, max_ms, met } = result;
  const ms = (value: number): string => `${value.toFixed(3)} ms`;
  return [
    `added delay, capture to injection, ${samples} samples at ${rateReached.toFixed(0)} requests/s (wanted ${rateWanted})`,
    `  median ${ms(median_ms)} (must be below ${MEDIAN_MS_MAX} ms)`,
    `  90 %   ${ms(p90_ms)}`,
    `  99 %   ${ms(p99_ms)} (must be below ${P99_MS_MAX} ms)`,
    `  most   ${ms(max_ms)}`,
    ...(uncopied > 0 ? [`  ${uncopied} requests have no copy in the capture`] : []),
    met ? 'Met.' : 'NOT MET.',
  ].join('\n');
}
