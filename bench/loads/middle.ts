/**
 * tcpcopy started in the middle of connections that are busy already. What must arrive is every request that begins
 * after the first idle moment of its connection; the rest is counted apart.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { growthOf } from '../../lab/verify/evidence/copy-state';
import { collectCounters } from '../../lab/verify/collect/state';
import { BenchError } from '../stage/bench-error';
import { burstOf, type Pause } from '../client/task';
import { compare, type Both, type Deliveries } from '../records/book';
import { NginxBook } from '../records/nginx-book';
import { rowOf, type Row } from './row';
import { awaitArmed, startCopying, stopCopying, type Stage } from '../stage/stage';
import { askClient } from '../tools/ask-client';
import { tagFor } from './exactly';
import type { Load } from './load';
import type { LoadName } from './load-name';

const BURST_MS = 250;
/** Long enough for the client's delayed acknowledgment (40 ms) of the last answer. */
const PAUSE_MS = 100;
/** tcpcopy is started after so long. */
const START_AFTER_MS = 1_000;
const END_FILE = '/tmp/bench-end';
/** Of the whole load, also where tcpcopy takes its time to start. */
const DURATION_MS_MAX = 30_000;
const TIMEOUT_MS = DURATION_MS_MAX + 30_000;
/** Until the test server has answered all that was copied. */
const CATCH_UP_MS_MAX = 60_000;
const POLL_MS = 100;

export interface MiddleLoad extends LoadName {
  readonly connections: number;
  /** As long as the connections stay busy from when tcpcopy copies. */
  readonly copied_ms: number;
}

/** How often it is played at most where a busy machine kept the guard from being proven to the end. */
const PLAYED_MAX = 3;

export function middleLoad({ connections, copied_ms, ...named }: MiddleLoad): Load {
  const load = { ...named, labKind: 'http' as const };
  return {
    ...load,
    async measure(stage) {
      for (let times = 1; ; times += 1) {
        const { row, isBroken } = await measureOnce(stage, load, { connections, copied_ms });
        if (!isBroken || times === PLAYED_MAX) return row;
      }
    },
  };
}

async function measureOnce(
  stage: Stage,
  load: LoadName & Pick<Load, 'labKind'>,
  { connections, copied_ms }: Pick<MiddleLoad, 'connections' | 'copied_ms'>,
): Promise<{ readonly row: Row; readonly isBroken: boolean }> {
  const tag = tagFor(load);
  await stopCopying(stage);
  const book = await NginxBook.open(stage, tag);
  const playing = askClient(
    stage,
    tag,
    {
      kind: 'busy',
      connections,
      burst_ms: BURST_MS,
      pause_ms: PAUSE_MS,
      endFile: END_FILE,
      duration_ms_max: DURATION_MS_MAX,
    },
    TIMEOUT_MS,
  );
  playing.catch(() => undefined);
  const { signal } = stage;
  await sleep(START_AFTER_MS, undefined, { signal });
  await startCopying(stage);
  await copiedFor(stage, copied_ms);
  await stage.client.exec(['touch', END_FILE]);
  const ended_ms = Date.now();
  const played = await playing;
  const lag_ms = await copiesEnded(stage);
  const counters = growthOf(undefined, await collectCounters(stage.online, 'tcpcopy'));
  const since_ms = await copyingSince_ms(stage);
  const first = firstBursts(played.pauses ?? [], since_ms);
  const parts = divide(await book.targets(), first);
  const [before, difference] = [compare(parts.before), compare(parts.after)];
  const row = rowOf(load, {
    difference,
    played,
    lag_ms,
    faults: [
      ...(before.doubled > 0 ? ['requests from before the first idle moment are doubled'] : []),
      ...(difference.online === 0 ? ['no request began behind an idle moment'] : []),
    ],
    notes: [
      `before the first idle moment: ${before.test} of ${before.online} requests copied, ${before.doubled} doubled`,
      `segments not used, by reason: ${droppedIn(counters)}`,
    ],
    counters,
  });
  return { row, isBroken: since_ms + copied_ms > ended_ms };
}

/** Until it has copied for so long without a break: on a busy machine it may have to prove its guard anew. */
async function copiedFor(stage: Stage, copied_ms: number): Promise<void> {
  for (;;) {
    await awaitArmed(stage);
    const rest_ms = (await copyingSince_ms(stage)) + copied_ms - Date.now();
    if (rest_ms <= 0) return;
    await sleep(rest_ms, undefined, { signal: stage.signal });
  }
}

/** The clients have closed their connections, so the copies come to an end. @returns how long they took */
async function copiesEnded({ online, signal }: Stage): Promise<number> {
  const began_ms = performance.now();
  while (performance.now() - began_ms < CATCH_UP_MS_MAX) {
    if ((await collectCounters(online, 'tcpcopy'))?.['sessions_open'] === 0) break;
    await sleep(POLL_MS, undefined, { signal });
  }
  return Math.round(performance.now() - began_ms);
}

const DROPPED = 'segments_dropped_';

function droppedIn(counters: Readonly<Record<string, number>>): string {
  const dropped = Object.entries(counters).filter(([name]) => name.startsWith(DROPPED));
  return dropped.map(([name, count]) => `${name.slice(DROPPED.length)} ${count}`).join(', ') || 'none';
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
