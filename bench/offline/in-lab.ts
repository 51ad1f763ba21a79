/**
 * How much quicker several workers play a capture than one does, as fast as the test server takes it: that one, and intercept, want the same
 * cores.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { silent } from '../../lab/engine/docker/progress';
import offline from '../../topologies/offline';
import { medianOf } from '../figures/rates';
import { BenchError } from '../stage/bench-error';
import { withOwnLab } from '../stage/own-lab';
import { stageOf, type Stage } from '../stage/stage';
import { playAb } from '../tools/ab';

const REQUESTS = 60_000;
const CONNECTIONS = 64;
const RECORDED_FILE = '/tmp/recorded.pcap';
const LOG_FILE = '/tmp/played.log';
const PLAY_MAX_MS = 120_000;
/** The kernel hands over a block that is not full after a second. */
const LAST_BLOCK_MS = 1200;
/** The compiler is at work in each; what is left of the machine's pace cancels out within a turn. */
const TURNS = 5;

/** One play. */
interface Replayed {
  readonly seconds: number;
  /** Of the cores that the machine has, how many all programs together had: tcpcopy, the test server, intercept, and others. */
  readonly busy: number;
  /** That tcpcopy had. */
  readonly tcpcopy: number;
}

export interface OfflineInLab {
  readonly workers: number;
  readonly requests: number;
  readonly turns: readonly { readonly one: Replayed; readonly all: Replayed }[];
  /** Median of the turns'. */
  readonly ratio: number;
}

export function offlineInLab(workers: number, signal: AbortSignal): Promise<OfflineInLab> {
  const own = { name: 'bench-offline-workers', topology: offline, progress: silent, signal };
  return withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal);
    await stage.test.writeFile(RECORDED_FILE, await record(stage));
    await play(stage, 1);
    const turns: OfflineInLab['turns'][number][] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      signal.throwIfAborted();
      turns.push({ one: await play(stage, 1), all: await play(stage, workers) });
    }
    const ratio = medianOf(turns.map(({ one, all }) => one.seconds / all.seconds));
    return { workers, requests: REQUESTS, turns, ratio };
  });
}

export function offlineInLabText({ workers, requests, turns, ratio }: OfflineInLab): string {
  const cell = ({ seconds, busy, tcpcopy }: Replayed): string =>
    `${seconds.toFixed(2)} s, ${tcpcopy.toFixed(2)} of ${busy.toFixed(2)} cores`;
  return [
    `${requests.toLocaleString('en')} requests, as fast as the test server takes them: time, and the cores that tcpcopy had of all that were busy`,
    `1 worker                     ${workers} workers                    times as fast`,
    ...turns.map(
      ({ one, all }) =>
        `${cell(one).padEnd(29)}${cell(all).padEnd(29)}${(one.seconds / all.seconds).toFixed(2)}`,
    ),
    `by the median ${ratio.toFixed(2)} times as fast, where the test server and intercept want the same cores`,
  ].join('\n');
}

async function record(stage: Stage): Promise<Buffer> {
  const { online, scene, signal } = stage;
  const filter = `tcp and dst host ${scene.online.address} and dst port ${scene.online.port}`;
  const tcpdump = await online.start([
    'tcpdump',
    '-i',
    'eth0',
    '-s',
    '0',
    '-B',
    '32768',
    '-w',
    RECORDED_FILE,
    filter,
  ]);
  while (!tcpdump.stderr().includes('listening on')) await sleep(20, undefined, { signal });
  await playAb({ keepAlive: true, connections: CONNECTIONS, requests: REQUESTS })(
    stage,
    'bench/offline-workers',
  );
  await sleep(LAST_BLOCK_MS, undefined, { signal });
  await tcpdump.stop();
  return online.readFile(RECORDED_FILE);
}

async function play({ test, scene }: Stage, workers: number): Promise<Replayed> {
  const transfer = `${scene.online.port}-${scene.test.address}:${scene.test.port}`;
  const script = `rm -f ${LOG_FILE}; head -1 /proc/stat
    tcpcopy -i ${RECORDED_FILE} -x ${transfer} -a 10000 --workers ${workers} -l ${LOG_FILE} >/tmp/account & pid=$!
    while cat "/proc/$pid/stat" >/tmp/seen 2>/dev/null && [ -s /tmp/seen ]; do cp /tmp/seen /tmp/last; sleep 0.02; done
    wait $pid; status=$?; head -1 /proc/stat; cat /tmp/last; grep '"replayed"' ${LOG_FILE}; exit $status`;
  const { exitCode, stdout, stderr } = await test.exec(['sh', '-c', script], { timeout_ms: PLAY_MAX_MS });
  const text = stdout.toString();
  if (exitCode !== 0)
    throw new BenchError('LOAD_FAILED', `tcpcopy ended with status ${exitCode}: ${stderr.toString()}${text}`);
  const [before, after] = [...text.matchAll(/^cpu +(.*)$/gm)].map(([, columns]) =>
    columns!.split(' ').map(Number),
  );
  const ticks = after!.map((value, column) => value - before![column]!);
  const all = ticks.slice(0, 8).reduce((sum, value) => sum + value, 0);
  const [, , , idle = 0, waiting = 0] = ticks;
  const seconds = Number(/"duration_ms":([\d.]+)/.exec(text)![1]) / 1000;
  const own = /^\d+ \(.*\) (.*)$/m.exec(text)![1]!.split(' ').map(Number);
  const cores = availableParallelism();
  return {
    seconds,
    busy: (cores * (all - idle - waiting)) / all,
    tcpcopy: (cores * (own[11]! + own[12]!)) / all,
  };
}
