/** A thread that plays the connections of a worker as fast as it can, each time for as long as it is asked. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Share } from '../../src/wire/tables/share';
import { EnginePlay } from './engine-play';

export interface PlayerWishes {
  readonly share: Share;
  /** Of all workers. */
  readonly connections: number;
}

/** Plays rounds of requests for that long, ms. */
export type PlayerTask = number;

/** Requests that were copied, in which time, and how much of that the thread had a core, and how much it waited for one. */
export interface Played {
  readonly requests: number;
  readonly took_ms: number;
  readonly ran_ms: number;
  readonly waited_ms: number;
}

/** Of this thread, by the kernel's count (Documentation/scheduler/sched-stats). */
function times_ms(): readonly [ran: number, waited: number] {
  const [ran_ns = NaN, waited_ns = NaN] = readFileSync('/proc/thread-self/schedstat', 'utf8')
    .split(' ')
    .map(Number);
  return [ran_ns / 1e6, waited_ns / 1e6];
}

const { share, connections } = workerData as PlayerWishes;
const play = new EnginePlay(connections, { share });
play.open();

parentPort!.on('message', (for_ms: PlayerTask) => {
  const before = play.requestsSent;
  const from_ms = performance.now();
  const [ranBefore_ms, waitedBefore_ms] = times_ms();
  while (performance.now() - from_ms < for_ms) play.round();
  const [ran_ms, waited_ms] = times_ms();
  const played: Played = {
    requests: play.requestsSent - before,
    took_ms: performance.now() - from_ms,
    ran_ms: ran_ms - ranBefore_ms,
    waited_ms: waited_ms - waitedBefore_ms,
  };
  parentPort!.postMessage(played);
});
parentPort!.postMessage('ready');
