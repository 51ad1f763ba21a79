/** A capture, played on the test server as fast as it takes it. Only ours: the original needs a build of its own for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import offline from '../../topologies/offline';
import { settle } from '../../lab/verify/collect/settle';
import { BenchError } from '../stage/bench-error';
import { playAb } from '../tools/ab';
import { withOwnLab, type OwnLab } from '../stage/own-lab';
import { compare } from '../records/book';
import { NginxBook } from '../records/nginx-book';
import { prepareNginx } from '../servers/nginx';
import { stageOf, type Stage } from '../stage/stage';
import type { Sample } from './measure';
import { usageIn, usageOf } from '../candidates/usage';

export const OFFLINE = { id: 'offline', title: 'a capture, as fast as it goes', shape: 'other' } as const;

const RECORDED_FILE = '/tmp/recorded.pcap';
const PLAYED_FILE = '/tmp/played.pcap';
const REQUESTS = 20_000;
const TIMEOUT_MS = 120_000;
const LISTEN_WITHIN_MS = 10_000;
/** The kernel hands over a block that is not full after a second, and tcpdump forgets it when it is stopped before. */
const LAST_BLOCK_MS = 1_200;
const SETTLE = { patience_ms: 3_000, linger_ms: 300 };

/** @param candidate whose intercept and tcpcopy the node image has */
export function measureOffline(
  own: Omit<OwnLab, 'name' | 'topology'>,
  rounds: number,
  candidate: string,
): Promise<Sample[]> {
  return withOwnLab({ ...own, name: 'bench-cost-offline', topology: offline }, async (lab) => {
    const stage = await stageOf(lab, own.signal);
    await prepareNginx(stage);
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const work = (): Promise<Sample> => recordAndPlay(stage, round, candidate);
      samples.push(await own.progress.step(`offline, round ${round + 1}`, work));
    }
    return samples;
  });
}

async function recordAndPlay(stage: Stage, round: number, candidate: string): Promise<Sample> {
  const tag = `bench/offline/${round}`;
  const { test, signal } = stage;
  const book = await NginxBook.open(stage, tag);
  await test.writeFile(PLAYED_FILE, await record(stage, tag));
  const before = await usageOf(test, 'intercept');
  const { tcpcopy, seconds } = await play(stage);
  await settle(async () => (await book.counts()).test, REQUESTS, SETTLE, signal);
  const after = await usageOf(test, 'intercept');
  const { online, test: arrived, missing, doubled } = compare(await book.deliveries());
  const intercept = { cpu_us: after.cpu_us - before.cpu_us, peak_bytes: after.peak_bytes };
  return {
    load: OFFLINE.id,
    round,
    candidate,
    seconds,
    online,
    latency: undefined,
    delivery_us: undefined,
    copy: { test: arrived, missing, doubled, tcpcopy, intercept },
  };
}

/** What clients say to the online server under a load. */
async function record(stage: Stage, tag: string): Promise<Buffer> {
  const { online, scene, signal } = stage;
  const filter = `tcp and dst host ${scene.online.address} and dst port ${scene.online.port}`;
  const argv = ['tcpdump', '-i', 'eth0', '-s', '0', '-B', '32768', '-w', RECORDED_FILE, filter];
  const command = await online.start(argv);
  const deadline_ms = performance.now() + LISTEN_WITHIN_MS;
  while (!command.stderr().includes('listening on')) {
    if (performance.now() > deadline_ms) {
      throw new BenchError('STEP_FAILED', `tcpdump does not listen: ${command.stderr().trim()}`);
    }
    await sleep(20, undefined, { signal });
  }
  await playAb({ keepAlive: true, connections: 10, requests: REQUESTS })(stage, tag);
  await sleep(LAST_BLOCK_MS, undefined, { signal });
  await command.stop();
  return online.readFile(RECORDED_FILE);
}

/** tcpcopy ends when the file does, so that it is asked again and again: the last answer is what it came to. */
async function play({ test, scene }: Stage) {
  const transfer = `${scene.online.port}-${scene.test.address}:${scene.test.port}`;
  const script = `tcpcopy -i ${PLAYED_FILE} -x ${transfer} -a 10000 -l /tmp/played.log >/dev/null & pid=$!
    while cat "/proc/$pid/stat" "/proc/$pid/status" >/tmp/seen 2>/dev/null && grep -q VmHWM /tmp/seen; do
      cp /tmp/seen /tmp/last; sleep 0.02
    done
    wait $pid; status=$?; cat /tmp/last; exit $status`;
  const began_ms = performance.now();
  const { exitCode, stdout, stderr } = await test.exec(['sh', '-c', script], { timeout_ms: TIMEOUT_MS });
  const tcpcopy = usageIn(stdout.toString());
  if (exitCode === 0 && tcpcopy) return { tcpcopy, seconds: (performance.now() - began_ms) / 1000 };
  throw new BenchError('LOAD_FAILED', `tcpcopy ended with status ${exitCode}: ${stderr.toString().trim()}`);
}
