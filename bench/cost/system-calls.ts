/**
 * System calls a packet, counted by the kernel (perf stat, on this host) in short runs of their own: it slows down nothing,
 * but the rules that count packets cost a little.
 */
import { execa } from 'execa';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLab } from '../../lab/engine/labs/find';
import { hostProcesses } from '../../lab/engine/commands/host-processes';
import type { LabNode } from '../../lab/engine/commands/lab';
import { BenchError } from '../stage/bench-error';
import { isElsewhere } from '../stage/elsewhere';
import type { Stage } from '../stage/stage';
import type { Candidate } from '../candidates/candidates';
import { nodesOf } from '../candidates/start-copy';
import { costLoads, type CostLoad } from './loads';
import { sampleReception } from './reception';

export interface CallSample {
  readonly candidate: string;
  /** What was played meanwhile. */
  readonly load: string;
  readonly tcpcopy: Calls;
  readonly intercept: Calls;
}

export interface Calls {
  readonly calls: number;
  /** Of tcpcopy those of clients and those that it sent; of intercept responses. */
  readonly packets: number;
  /** Share of the program's own time in which the kernel received what came over a link; not a number where it is not known. */
  readonly reception: number;
}

export const callsAPacket = ({ calls, packets }: Pick<Calls, 'calls' | 'packets'>): number => calls / packets;

/** Found in `costLoads`: one that leaves the machine no rest, one that comes packet by packet. */
export const CALL_LOADS = ['keep-alive-10', 'fixed-rate'] as const;
const EVENT = 'raw_syscalls:sys_enter';
const ATTACH_WITHIN_MS = 300;
/** The last responses are still on their way. */
const LINGER_MS = 300;

/** False where perf is not installed, may not count, or programs run elsewhere; then nothing is said of system calls. */
export async function canCountCalls(): Promise<boolean> {
  if (isElsewhere()) return false;
  return (await execa('perf', ['stat', '-e', EVENT, 'true'], { reject: false })).exitCode === 0;
}

export async function measureCalls(stage: Stage, candidate: Candidate): Promise<CallSample[]> {
  const samples: CallSample[] = [];
  for (const load of costLoads.filter(({ id }) => CALL_LOADS.some((call) => call === id)))
    samples.push(await measureLoad(stage, candidate, load));
  return samples;
}

async function measureLoad(stage: Stage, candidate: Candidate, load: CostLoad): Promise<CallSample> {
  const { lab, scene } = stage;
  const [online, hears] = nodesOf(stage, candidate);
  const clients = await countPackets(online, 'PREROUTING', ['--dport', String(scene.online.port)]);
  const copies = await countPackets(stage.test, 'PREROUTING', ['--dport', String(scene.test.port)]);
  const responses = await countPackets(stage.test, 'OUTPUT', ['--sport', String(scene.test.port)]);
  const running = await findLab(lab.name);
  const pids = await Promise.all([
    hostProcesses(running, online.name, 'tcpcopy'),
    hostProcesses(running, hears.name, 'intercept'),
  ]);
  const counters = await Promise.all(pids.map(countCalls));
  const samplings = await Promise.all(pids.map(sampleReception));
  await load.play(stage, `bench/cost/calls/${load.id}`);
  await sleep(LINGER_MS, undefined, { signal: stage.signal });
  const [tcpcopy, intercept] = await Promise.all(counters.map((end) => end()));
  const [inTcpcopy, inIntercept] = await Promise.all(samplings.map((end) => end()));
  const [fromClients, sent, answered] = await Promise.all([clients(), copies(), responses()]);
  return {
    candidate: candidate.id,
    load: load.id,
    tcpcopy: { calls: tcpcopy!, packets: fromClients + sent, reception: inTcpcopy! },
    intercept: { calls: intercept!, packets: answered, reception: inIntercept! },
  };
}

/** Calling what it resolves with tells the calls since. */
async function countCalls(pids: readonly number[]): Promise<() => Promise<number>> {
  const perf = execa('perf', ['stat', '-x', ',', '-e', EVENT, '-p', pids.join(',')], { reject: false });
  await sleep(ATTACH_WITHIN_MS);
  return async () => {
    perf.kill('SIGINT');
    return callsIn((await perf).stderr);
  };
}

/** @param report of `perf stat -x ,`: the count is the first field of the line that names the event */
export function callsIn(report: string): number {
  const count = new RegExp(`^(\\d+),[^,]*,${EVENT},`, 'm').exec(report)?.[1];
  if (count !== undefined) return Number(count);
  throw new BenchError('LOAD_FAILED', `perf counted no system calls: ${report.trim().slice(-300)}`);
}

/** A rule that only counts; calling what it resolves with takes it away and tells the count. */
async function countPackets(
  node: LabNode,
  chain: 'PREROUTING' | 'OUTPUT',
  match: readonly string[],
): Promise<() => Promise<number>> {
  const rule = [chain, '-p', 'tcp', ...match];
  const change = async (...argv: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await node.exec(['iptables', '-w', '-t', 'mangle', ...argv]);
    if (exitCode !== 0) throw new BenchError('STEP_FAILED', `iptables on ${node.name}: ${stderr.toString()}`);
    return stdout.toString();
  };
  await change('-I', ...rule);
  return async () => {
    const listed = await change('-L', chain, '1', '-v', '-x', '-n');
    await change('-D', ...rule);
    return Number(listed.trim().split(/ +/)[0]);
  };
}
