/** A thread that plays the connections of a worker as fast as it can, each time for as long as it is asked. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Share } from '../../src/wire/tables/share';
import { EnginePlay } from './engine-play';
import { timesOfThread_ms, type Played } from './thread-times';

export interface PlayerWishes {
  readonly share: Share;
  /** Of all workers. */
  readonly connections: number;
}

/** Plays rounds of requests for that long, ms. */
export type PlayerTask = number;

const { share, connections } = workerData as PlayerWishes;
const play = new EnginePlay(connections, { share });
play.open();

parentPort!.on('message', (for_ms: PlayerTask) => {
  const before = play.requestsSent;
  const from_ms = performance.now();
  const [ranBefore_ms, waitedBefore_ms] = timesOfThread_ms();
  while (performance.now() - from_ms < for_ms) play.round();
  const [ran_ms, waited_ms] = timesOfThread_ms();
  const played: Played = {
    requests: play.requestsSent - before,
    took_ms: performance.now() - from_ms,
    ran_ms: ran_ms - ranBefore_ms,
    waited_ms: waited_ms - waitedBefore_ms,
  };
  parentPort!.postMessage(played);
});
parentPort!.postMessage('ready');
