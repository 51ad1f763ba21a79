/**
 * What it costs to compare answers: both servers are recorded, which the online server's clients may not notice, and what was recorded
 * is compared afterwards.
 */
import { told } from '../../lab/cli/terminal/output';
import { recordBoth, type RecordedBoth } from '../../lab/compare/record-both';
import type { LabNode } from '../../lab/engine/commands/lab';
import { Cleanup } from '../../lab/verify/collect/cleanup';
import { newRun } from '../../lab/verify/collect/load-parts';
import traditional from '../../topologies/traditional';
import { growthOf, usageIn, usageOf, type Usage } from '../candidates/usage';
import { prepareNginx } from '../servers/nginx';
import { BenchError } from '../stage/bench-error';
import { withOwnLab } from '../stage/own-lab';
import { awaitQuiet, stageOf, type Stage } from '../stage/stage';
import { inTurn } from '../stage/turns';
import { playAb } from '../tools/ab';
import { LOADS, WARM, type CompareLoad } from './loads';

export interface CompareSample {
  readonly load: string;
  readonly round: number;
  readonly requests: number;
  /** Requests a second at the online server, not recorded and recorded. */
  readonly rate: number;
  readonly recordedRate: number;
  /** CPU time of tcpdump on each. */
  readonly online_us: number;
  readonly test_us: number;
  readonly recorded_bytes: number;
  /** Of `tcpcopy compare`. */
  readonly compare: Usage;
  /** Requests whose answers it held against each other. */
  readonly pairs: number;
}

/** @param rounds how often each load is played, recorded and not */
export async function compareCost(rounds: number, signal: AbortSignal): Promise<CompareSample[]> {
  const own = { name: 'bench-compare', topology: traditional, progress: told, signal };
  return withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal);
    await prepareNginx(stage);
    await playAb(WARM)(stage, 'warm');
    const samples: CompareSample[] = [];
    for (let round = 0; round < rounds; round += 1)
      for (const load of LOADS)
        await told.step(`${load.id}, round ${round + 1} of ${rounds}`, async () => {
          samples.push(await measure(stage, load, round));
        });
    return samples;
  });
}

async function measure(stage: Stage, load: CompareLoad, round: number): Promise<CompareSample> {
  const tag = `bench/compare/${load.id}/${round}`;
  let rate = NaN;
  let recorded: Recorded | undefined;
  // Who comes first has the machine as the other left it.
  for (const isRecorded of inTurn([false, true] as const, round)) {
    await awaitQuiet(stage);
    if (isRecorded) recorded = await record(stage, load, tag);
    else rate = rateOf(await playAb(load)(stage, `${tag}/plain`));
  }
  const { rate: recordedRate, requests, both, online_us, test_us } = recorded!;
  const { usage, pairs } = await compareIn(stage, both);
  return {
    load: load.id,
    round,
    requests,
    rate,
    recordedRate,
    online_us,
    test_us,
    recorded_bytes: [...both.online, ...both.test].reduce((sum, { length }) => sum + length, 0),
    compare: usage,
    pairs,
  };
}

interface Recorded {
  readonly requests: number;
  readonly rate: number;
  readonly both: RecordedBoth;
  readonly online_us: number;
  readonly test_us: number;
}

async function record(stage: Stage, load: CompareLoad, tag: string): Promise<Recorded> {
  const { lab, scene, online, test } = stage;
  const cleanup = new Cleanup();
  try {
    const running = await recordBoth(lab, scene, newRun(), cleanup);
    const nodes = [online, test] as const;
    const before = await Promise.all(nodes.map(tcpdumpOn));
    const played = await playAb(load)(stage, `${tag}/recorded`);
    await awaitQuiet(stage);
    const after = await Promise.all(nodes.map(tcpdumpOn));
    const [online_us, test_us] = before.map((usage, at) => growthOf(usage, after[at]!).cpu_us);
    const both = await running.stop();
    return {
      requests: played.requests,
      rate: rateOf(played),
      both,
      online_us: online_us!,
      test_us: test_us!,
    };
  } finally {
    await cleanup.run();
  }
}

const tcpdumpOn = (node: LabNode): Promise<Usage> => usageOf(node, 'tcpdump');

const rateOf = ({ requests, seconds }: { readonly requests: number; readonly seconds: number }): number =>
  requests / seconds;

/** What a process has used is gone with it: it is looked at as long as it runs. */
const SCRIPT = `
"$@" >/tmp/compared.json &
pid=$!
while cat /proc/$pid/stat /proc/$pid/status /proc/$pid/task/*/schedstat >/tmp/seen 2>/dev/null && grep -q VmHWM /tmp/seen
do mv /tmp/seen /tmp/used; sleep 0.02; done
wait $pid && cat /tmp/used
`;

async function compareIn(
  { test, scene }: Stage,
  { online: captured, test: answered }: RecordedBoth,
): Promise<{ readonly usage: Usage; readonly pairs: number }> {
  const write = async (capture: Uint8Array, name: string): Promise<string> => {
    const path = `/tmp/compare-${name}.pcap`;
    await test.writeFile(path, Buffer.from(capture));
    return path;
  };
  const online = await Promise.all(captured.map((capture, at) => write(capture, `online-${at}`)));
  const tested = await Promise.all(answered.map((capture, at) => write(capture, `test-${at}`)));
  const transfer = `${scene.online.port}-${scene.test.addresses[0]}:${scene.test.port}`;
  const words = ['tcpcopy', 'compare', '--online', online.join(','), '--test', tested.join(',')];
  const { stdout, stderr, exitCode } = await test.exec([
    ...['sh', '-c', SCRIPT, 'compare'],
    ...words,
    ...['-x', transfer, '--json', '-'],
  ]);
  const usage = usageIn(stdout.toString());
  if (exitCode !== 0 || !usage)
    throw new BenchError('LOAD_FAILED', `tcpcopy compare ended with ${exitCode}: ${stderr.toString()}`);
  const { pairs } = JSON.parse((await test.readFile('/tmp/compared.json')).toString()) as { pairs: number };
  await test.exec(['rm', '-f', ...online, ...tested]);
  return { usage, pairs };
}
