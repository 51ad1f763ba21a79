/**
 * tcpcopy started in the middle of connections that are busy already. What must arrive is every request that begins
 * after the first idle moment of its connection; the rest is counted apart.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { collectCounters } from '../../lab/verify/collect-state';
import { BenchError } from '../bench-error';
import { burstOf, type Pause } from '../client/task';
import { compare, type Both, type Deliveries } from '../records/book';
import { NginxBook } from '../records/nginx-book';
import type { Row } from '../row';
import { awaitArmed, startCopying, stopCopying, type Stage } from '../stage';
import { askClient } from './client-program';
import { settled, tagFor } from './exactly';
import type { Load } from './load';

const BURST_MS = 250;
/** Long enough for the client's delayed acknowledgment (40 ms) of the last answer. */
const PAUSE_MS = 100;
/** tcpcopy is started after so long. */
const START_AFTER_MS = 1_000;
const TIMEOUT_MS = 60_000;

export interface MiddleLoad {
  readonly id: string;
  readonly title: string;
  readonly connections: number;
  /** As long as the connections stay busy from when tcpcopy is started. */
  readonly copied_ms: number;
  readonly original?: string;
}

export function middleLoad({ connections, copied_ms, ...described }: MiddleLoad): Load {
  const load = { ...described, labKind: 'http' as const };
  return {
    ...load,
    async measure(stage) {
      const tag = tagFor(load);
      await stopCopying(stage);
      const book = await NginxBook.open(stage, tag);
      const task = { kind: 'busy', connections, burst_ms: BURST_MS, pause_ms: PAUSE_MS } as const;
      const playing = askClient(stage, tag, { ...task, duration_ms: START_AFTER_MS + copied_ms }, TIMEOUT_MS);
      playing.catch(() => undefined);
      await sleep(START_AFTER_MS, undefined, { signal: stage.signal });
      await startCopying(stage);
      await awaitArmed(stage);
      const { requests, seconds, pauses } = await playing;
      const lag_ms = await settled(stage, book);
      const counters = await collectCounters(stage.online, 'tcpcopy');
      const parts = divide(await book.targets(), firstBursts(pauses ?? [], await copyingSince_ms(stage)));
      const { online, test, missing, doubled, examplesMissing, examplesDoubled } = compare(parts.after);
      const before = compare(parts.before);
      return {
        ...load,
        original: load.original,
        online,
        test,
        missing,
        doubled,
        seconds,
        rate: requests / seconds,
        lag_ms,
        exact: missing === 0 && doubled === 0 && before.doubled === 0 && online > 0,
        notes: [
          `before the first idle moment: ${before.test} of ${before.online} requests copied, ${before.doubled} doubled`,
          ...examplesMissing.map((example) => `missing: ${example}`),
          ...examplesDoubled.map((example) => `doubled: ${example}`),
        ],
        counters: Object.fromEntries(
          Object.entries(counters ?? {}).flatMap(([name, count]) =>
            typeof count === 'number' && count > 0 ? [[name, count]] : [],
          ),
        ),
      } satisfies Row;
    },
  };
}

/** By its log, since the epoch. */
async function copyingSince_ms({ online }: Stage): Promise<number> {
  const { stdout } = await online.exec(['grep', '"event":"copying"', '/var/log/tcpcopy.log']);
  const last = stdout.toString().trim().split('\n').at(-1);
  if (!last) throw new BenchError('COPY_NOT_ARMED', `tcpcopy on ${online.name} has not begun to copy.`);
  return Date.parse((JSON.parse(last) as { time: string }).time);
}

/** For each connection, the burst behind its first idle moment under the copy. */
function firstBursts(pauses: readonly Pause[], since_ms: number): Map<number, number> {
  const first = new Map<number, number>();
  for (const { connection, nextBurst, from_ms } of pauses) {
    if (from_ms > since_ms && nextBurst < (first.get(connection) ?? Infinity))
      first.set(connection, nextBurst);
  }
  return first;
}

/** Requests from before and from after the first idle moments; those from before tcpcopy's start are before as well. */
function divide(targets: Both<Deliveries>, first: ReadonlyMap<number, number>) {
  const isAfter = (target: string): boolean => {
    const burst = burstOf(target);
    return burst !== undefined && burst.burst >= (first.get(burst.connection) ?? Infinity);
  };
  const part = (wanted: boolean): Both<Deliveries> => ({
    online: new Map([...targets.online].filter(([target]) => isAfter(target) === wanted)),
    test: new Map([...targets.test].filter(([target]) => isAfter(target) === wanted)),
  });
  return { before: part(false), after: part(true) };
}
