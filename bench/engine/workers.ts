/** How much more the engine does in several workers than in one: threads that play a share of the connections each, side by side. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ALONE, type Share } from '../../src/wire/tables/share';
import { medianOf } from '../figures/rates';
import { bundle } from '../stage/bundle';
import type { Played, PlayerWishes } from './player';

const CONNECTIONS = 1000;
/** The compiler learns from the first. */
const WARM_MS = 3000;
const TURN_MS = 1500;
/** One worker, then all of them; each turn has a ratio of its own. */
const TURNS = 7;
/** Of two workers on two cores. */
const RATIO_MIN = 1.8;

/** Of one turn. */
interface Rate {
  /** Requests a second, of all threads together. */
  readonly perSecond: number;
  /** The same if none of them had ever waited for a core. */
  readonly undisturbed: number;
  /** Of the time, 0 to 1: so much was others'. */
  readonly waited: number;
}

export interface WorkersResult {
  readonly workers: number;
  readonly cores: number;
  /** Of one worker alone, and of all side by side. */
  readonly turns: readonly { readonly one: Rate; readonly all: Rate }[];
  /** Median of the turns'. */
  readonly ratio: number;
  readonly undisturbed: number;
  /** Undefined where nothing is promised of so many. */
  readonly met: boolean | undefined;
}

export async function engineWorkers(workers: number, signal: AbortSignal): Promise<WorkersResult> {
  const script = new URL(`data:text/javascript,${encodeURIComponent(await bundle('engine/player.ts'))}`);
  const threads: Worker[] = [];
  const open = async (share: Share): Promise<Worker> => {
    const wishes: PlayerWishes = { share, connections: CONNECTIONS };
    const thread = new Worker(script, { workerData: wishes });
    threads.push(thread);
    await once(thread, 'message');
    return thread;
  };
  try {
    const one = [await open(ALONE)];
    const all: Worker[] = [];
    for (let index = 0; index < workers; index += 1) all.push(await open({ index, count: workers }));
    await rateOf(one, WARM_MS);
    await rateOf(all, WARM_MS);
    const turns: WorkersResult['turns'][number][] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      signal.throwIfAborted();
      turns.push({ one: await rateOf(one, TURN_MS), all: await rateOf(all, TURN_MS) });
    }
    const ratio = medianOf(turns.map(ratioOf));
    const undisturbed = medianOf(turns.map((turn) => turn.all.undisturbed / turn.one.undisturbed));
    const cores = availableParallelism();
    const isPromised = workers === 2 && cores >= 2;
    return { workers, cores, turns, ratio, undisturbed, met: isPromised ? ratio >= RATIO_MIN : undefined };
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

const ratioOf = ({ one, all }: WorkersResult['turns'][number]): number => all.perSecond / one.perSecond;

export function engineWorkersText({ workers, cores, turns, ratio, undisturbed, met }: WorkersResult): string {
  const ratios = turns.map(ratioOf);
  const waited = turns.flatMap(({ one, all }) => [one.waited, all.waited]);
  const rate = ({ perSecond }: Rate): string => perSecond.toFixed(0).padStart(9);
  return [
    `requests a second   1 worker   ${workers} workers   ratio`,
    ...turns.map(
      (turn) => `                   ${rate(turn.one)}   ${rate(turn.all)}   ${ratioOf(turn).toFixed(2)}`,
    ),
    `ratio               ${ratio.toFixed(2)} by the median, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}, on ${cores} cores`,
    `without others      ${undisturbed.toFixed(2)}, by the time that the threads had a core (they waited for ${(100 * medianOf(waited)).toFixed(0)} % of theirs)`,
    met === undefined
      ? 'Nothing is promised of that.'
      : `promised            ${RATIO_MIN} with two workers on two cores: ${met ? 'met' : 'MISSED'}`,
  ].join('\n');
}

async function rateOf(threads: readonly Worker[], for_ms: number): Promise<Rate> {
  const played = threads.map((thread) => once(thread, 'message') as Promise<[Played]>);
  for (const thread of threads) thread.postMessage(for_ms);
  const all = (await Promise.all(played)).map(([one]) => one);
  const sumOf = (value: (one: Played) => number): number => all.reduce((sum, one) => sum + value(one), 0);
  return {
    perSecond: sumOf(({ requests, took_ms }) => (1000 * requests) / took_ms),
    undisturbed: sumOf(({ requests, ran_ms }) => (1000 * requests) / ran_ms),
    waited: sumOf(({ waited_ms }) => waited_ms) / sumOf(({ took_ms }) => took_ms),
  };
}
