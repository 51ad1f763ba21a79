/** A thread that plays a worker's part of a capture: read, taken apart and copied, but for the kernel and the test server. */
import { parentPort, workerData } from 'node:worker_threads';
import { CaptureFiles } from '../../src/capture/file/capture-files';
import { Replay } from '../../src/capture/file/replay';
import { isOfShare, type Share } from '../../src/wire/tables/share';
import { EnginePlay, ONLINE } from '../engine/engine-play';
import { timesOfThread_ms, type Played } from '../engine/thread-times';

export interface ReplayerWishes {
  readonly share: Share;
  readonly file: string;
  /** In it. */
  readonly connections: number;
}

const { share, file, connections } = workerData as ReplayerWishes;
const isPlayed = ({ source, sourcePort }: { source: number; sourcePort: number }): boolean =>
  isOfShare(share, source, sourcePort);

async function replay(): Promise<Played> {
  const play = new EnginePlay(connections, { share });
  const [ranBefore_ms, waitedBefore_ms] = timesOfThread_ms();
  const from_ms = performance.now();
  const capture = await CaptureFiles.open([file], [{ address: ONLINE, port: 80 }]);
  const host = {
    ready: () => true,
    play: (view: Parameters<EnginePlay['captured']>[0]) => play.captured(view),
    clockJumped: () => undefined,
    silent: () => undefined,
    ...(share.count > 1 && { isPlayed }),
  };
  await new Replay(capture, { speed: 10_000, silenceMax_ms: Infinity }, 0, host).run(
    new AbortController().signal,
  );
  await capture.close();
  const [ran_ms, waited_ms] = timesOfThread_ms();
  return {
    requests: play.requestsSent,
    took_ms: performance.now() - from_ms,
    ran_ms: ran_ms - ranBefore_ms,
    waited_ms: waited_ms - waitedBefore_ms,
  };
}

parentPort!.on('message', () => void replay().then((played) => parentPort!.postMessage(played)));
parentPort!.postMessage('ready');
