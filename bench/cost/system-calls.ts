/**
 * System calls a packet, counted by strace on this host in a short run of its own: it slows down what it counts, so that
 * nothing else is measured meanwhile.
 */
import { execa } from 'execa';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLab } from '../../lab/engine/find-labs';
import { hostProcesses } from '../../lab/engine/host-processes';
import type { LabNode } from '../../lab/engine/lab';
import type { ProgramName } from '../../lab/verify/copy-state';
import { BenchError } from '../bench-error';
import { askClient } from '../loads/client-program';
import type { Stage } from '../stage';
import type { Candidate } from './candidates';
import { nodesOf } from './copy';

export interface CallSample {
  readonly candidate: string;
  readonly tcpcopy: Calls;
  readonly intercept: Calls;
}

export interface Calls {
  readonly calls: number;
  /** Of tcpcopy those of clients and those that it sent; of intercept responses. */
  readonly packets: number;
}

const TASK = { kind: 'paced', connections: 50, rate: 2_000, duration_ms: 3_000 } as const;
const TIMEOUT_MS = 60_000;
const ATTACH_WITHIN_MS = 5_000;
/** The last responses are still on their way. */
const LINGER_MS = 300;

/** False where strace is not installed; then nothing is said of system calls. */
export async function canCountCalls(): Promise<boolean> {
  return (await execa('strace', ['-V'], { reject: false })).exitCode === 0;
}

export async function measureCalls(stage: Stage, candidate: Candidate): Promise<CallSample> {
  const { lab, scene } = stage;
  const [online, hears] = nodesOf(lab, candidate);
  const clients = await countPackets(online, 'PREROUTING', ['--dport', String(scene.online.port)]);
  const copies = await countPackets(stage.test, 'PREROUTING', ['--dport', String(scene.test.port)]);
  const responses = await countPackets(stage.test, 'OUTPUT', ['--sport', String(scene.test.port)]);
  const tracers = await Promise.all([
    trace(lab.name, online, 'tcpcopy'),
    trace(lab.name, hears, 'intercept'),
  ]);
  await askClient(stage, 'bench/cost/calls', TASK, TIMEOUT_MS);
  await sleep(LINGER_MS, undefined, { signal: stage.signal });
  const [tcpcopy, intercept] = await Promise.all(tracers.map((end) => end()));
  const [fromClients, sent, answered] = await Promise.all([clients(), copies(), responses()]);
  return {
    candidate: candidate.id,
    tcpcopy: { calls: tcpcopy!, packets: fromClients + sent },
    intercept: { calls: intercept!, packets: answered },
  };
}

/** Calling what it resolves with tells the calls since. */
async function trace(lab: string, node: LabNode, program: ProgramName): Promise<() => Promise<number>> {
  const pids = await hostProcesses(await findLab(lab), node.name, program);
  const strace = execa(
    'strace',
    ['-c', '-U', 'calls,name', '-f', ...pids.flatMap((pid) => ['-p', String(pid)])],
    {
      reject: false,
      buffer: true,
    },
  );
  const attached = new Promise<void>((resolve) => {
    strace.stderr.on('data', (text: Buffer) => {
      if (text.toString().includes('attached')) resolve();
    });
  });
  await Promise.race([attached, sleep(ATTACH_WITHIN_MS)]);
  return async () => {
    strace.kill('SIGINT');
    return callsIn((await strace).stderr);
  };
}

/** @param summary of `strace -c -U calls,name`: a line for each kind of call, and one of the sum */
export function callsIn(summary: string): number {
  const total = /^ +(\d+) total$/m.exec(summary)?.[1];
  if (total !== undefined) return Number(total);
  throw new BenchError('LOAD_FAILED', `strace gave no sum: ${summary.trim().slice(-300)}`);
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
