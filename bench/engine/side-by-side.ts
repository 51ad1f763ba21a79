/** One worker's thread, and several that share the same work, in turn: how much more these do. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ALONE, type Share } from '../../src/wire/tables/share';
import { medianOf } from '../figures/rates';
import { bundle } from '../stage/bundle';
import type { Played } from './thread-times';

/** One worker, then all of them; each turn has a ratio of its own. */
const TURNS = 7;
const MARGIN = 20;

export interface Work {
  /** Of a thread's program, in the bench's folder: says when it is ready, and answers each task with what it has played. */
  readonly entry: string;
  readonly wishesOf: (share: Share) => unknown;
  /** Until the compiler has learned from it. */
  readonly warm: unknown;
  readonly task: unknown;
  /** Promised of two workers on two cores. */
  readonly least: number;
}

interface Rate {
  /** Requests a second, of all threads together. */
  readonly perSecond: number;
  /** The same if none of them had ever waited for a core. */
  readonly undisturbed: number;
  /** Of the time, 0 to 1: so much was others'. */
  readonly waited: number;
}

export interface SideBySide {
  readonly workers: number;
  readonly cores: number;
  readonly turns: readonly { readonly one: Rate; readonly all: Rate }[];
  /** Median of the turns'. */
  readonly ratio: number;
  readonly undisturbed: number;
  readonly least: number;
  /** Undefined where nothing is promised of so many. */
  readonly met: boolean | undefined;
}

export async function sideBySide(work: Work, workers: number, signal: AbortSignal): Promise<SideBySide> {
  const { entry, wishesOf, warm, task, least } = work;
  const script = new URL(`data:text/javascript,${encodeURIComponent(await bundle(entry))}`);
  const threads: Worker[] = [];
  const open = async (share: Share): Promise<Worker> => {
    const thread = new Worker(script, { workerData: wishesOf(share) });
    threads.push(thread);
    await once(thread, 'message');
    return thread;
  };
  try {
    const one = [await open(ALONE)];
    const all: Worker[] = [];
    for (let index = 0; index < workers; index += 1) all.push(await open({ index, count: workers }));
    await rateOf(one, warm);
    await rateOf(all, warm);
    const turns: SideBySide['turns'][number][] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      signal.throwIfAborted();
      turns.push({ one: await rateOf(one, task), all: await rateOf(all, task) });
    }
    const ratio = medianOf(turns.map(ratioOf));
    const undisturbed = medianOf(turns.map((turn) => turn.all.undisturbed / turn.one.undisturbed));
    const cores = availableParallelism();
    const met = workers === 2 && cores >= 2 ? ratio >= least : undefined;
    return { workers, cores, turns, ratio, undisturbed, least, met };
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

const ratioOf = ({ one, all }: SideBySide['turns'][number]): number => all.perSecond / one.perSecond;

export function sideBySideText(result: SideBySide): string {
  const { workers, cores, turns, ratio, undisturbed, least, met } = result;
  const ratios = turns.map(ratioOf);
  const waited = turns.flatMap(({ one, all }) => [one.waited, all.waited]);
  const rate = ({ perSecond }: Rate): string => perSecond.toFixed(0).padStart(9);
  const line = (head: string, text: string): string => `${head.padEnd(MARGIN)}${text}`;
  return [
    line('requests a second', ` 1 worker   ${workers} workers   ratio`),
    ...turns.map((turn) => line('', `${rate(turn.one)}   ${rate(turn.all)}    ${ratioOf(turn).toFixed(2)}`)),
    line(
      'ratio',
      `${ratio.toFixed(2)} by the median, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}, on ${cores} cores`,
    ),
    line(
      'without others',
      `${undisturbed.toFixed(2)}, by the time that the threads had a core; for ${(100 * medianOf(waited)).toFixed(0)} % of theirs they waited for one`,
    ),
    met === undefined
      ? 'Nothing is promised of that.'
      : line('promised', `${least} with two workers on two cores: ${met ? 'met' : 'MISSED'}`),
  ].join('\n');
}

async function rateOf(threads: readonly Worker[], task: unknown): Promise<Rate> {
  const played = threads.map((thread) => once(thread, 'message') as Promise<[Played]>);
  for (const thread of threads) thread.postMessage(task);
  const all = (await Promise.all(played)).map(([one]) => one);
  const sumOf = (value: (one: Played) => number): number => all.reduce((sum, one) => sum + value(one), 0);
  const lastOf = (value: (one: Played) => number): number => Math.max(...all.map(value));
  const requests = sumOf((one) => one.requests);
  return {
    perSecond: (1000 * requests) / lastOf(({ took_ms }) => took_ms),
    undisturbed: (1000 * requests) / lastOf(({ ran_ms }) => ran_ms),
    waited: sumOf(({ waited_ms }) => waited_ms) / sumOf(({ took_ms }) => took_ms),
  };
}
