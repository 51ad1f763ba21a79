/** What the programs take of a machine: memory at rest and under a load, the time until they copy, and room on the disk. */
import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silent } from '../../lab/engine/docker/progress';
import type { ComponentsChoice } from '../../lab/engine/nodes/components';
import type { LabNode } from '../../lab/engine/commands/lab';
import type { Flavour } from '../../lab/plan/flavour';
import type { Topology } from '../../lab/topology/types';
import { makeExecutable } from '../../packaging/executable/executable';
import dataLink from '../../topologies/data-link';
import traditional from '../../topologies/traditional';
import { forgetPeak, usageOf } from '../candidates/usage';
import { BenchError } from '../stage/bench-error';
import { withOwnLab } from '../stage/own-lab';
import { commandOf, undoStep } from '../stage/plan-step';
import { awaitQuiet, stageOf, type Stage } from '../stage/stage';
import { playAb } from '../tools/ab';
import { residentOf, type Residence } from './residence';

export interface Footprint {
  readonly id: string;
  /** From the command to the first moment when it copies, with intercept armed; several of them, in order. */
  readonly starts_ms: readonly number[];
  readonly rest: Residence;
  /** The most, under the load. */
  readonly loaded: Residence;
  /** Of both programs; what they share counts once. */
  readonly installed_bytes: number;
}

/** Programs that are measured, in a directory of their own. */
interface Subject {
  readonly id: string;
  readonly flavour: Flavour;
  readonly directory: string;
  readonly topology: Topology;
}

/** `ab -k -c 100`, some seconds of it. */
const LOAD = { keepAlive: true, connections: 100, requests: 100_000 };
/** Behind a start, and before any load; by then what it took to start is given back (src/process/run.ts). */
const REST_MS = 12_000;
const STARTS = 5;
const STARTED_WITHIN_MS = 10_000;

/** @param peer directory with builds of the original, in 0.9/ and 1.x/ */
export async function footprint(peer: string | undefined, signal: AbortSignal): Promise<Footprint[]> {
  const own = await mkdtemp(join(tmpdir(), 'tcpcopy-lab-footprint-'));
  try {
    await makeExecutable('amd64', own);
    await symlink('tcpcopy', join(own, 'intercept'));
    const subjects: Subject[] = [{ id: 'package', flavour: 'ours', directory: own, topology: traditional }];
    if (peer !== undefined) subjects.push(...(await originalsIn(resolve(peer))));
    const measured: Footprint[] = [];
    for (const subject of subjects) measured.push(await measure(subject, signal));
    return measured;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function originalsIn(peer: string): Promise<Subject[]> {
  const all: readonly Subject[] = [
    { id: '0.9', flavour: '0.9', directory: join(peer, '0.9'), topology: traditional },
    { id: '1.x', flavour: '1.x', directory: join(peer, '1.x'), topology: dataLink },
  ];
  const sizes = await Promise.all(all.map(({ directory }) => bytesIn(directory).catch(() => undefined)));
  return all.filter((_, index) => sizes[index] !== undefined);
}

const measure = ({ id, flavour, directory, topology }: Subject, signal: AbortSignal): Promise<Footprint> => {
  const components: ComponentsChoice = { directory, flavour };
  const own = { name: 'bench-footprint', topology, components, progress: silent, signal };
  return withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal);
    const { online } = stage;
    const hears = topology === dataLink ? lab.node(topology.copies[0]!.routes![0]!.via) : stage.test;
    const starts_ms: number[] = [];
    if (flavour === 'ours') for (let at = 0; at < STARTS; at += 1) starts_ms.push(await startIn(stage));
    await sleep(REST_MS, undefined, { signal });
    const rest = await residentOf(online, hears);
    await Promise.all([forgetPeak(online, 'tcpcopy'), forgetPeak(hears, 'intercept')]);
    await playAb(LOAD)(stage, 'footprint');
    if (flavour === 'ours') await awaitQuiet(stage);
    const [tcpcopy, intercept] = await Promise.all([usageOf(online, 'tcpcopy'), usageOf(hears, 'intercept')]);
    return {
      id,
      starts_ms: starts_ms.toSorted((one, other) => one - other),
      rest,
      loaded: { tcpcopy_bytes: tcpcopy.peak_bytes, intercept_bytes: intercept.peak_bytes },
      installed_bytes: await bytesIn(directory),
    };
  });
};

/** Starts tcpcopy anew; it is not put in the background, which would start it twice. @returns how long it took until it copied, in ms */
async function startIn({ lab, online }: Stage): Promise<number> {
  const step = `tcpcopy:${online.name}`;
  await undoStep(lab, step);
  const log = '/var/log/tcpcopy.log';
  const words = commandOf(lab, step).filter((word) => word !== '-d');
  const script = 'rm -f "$0"; date +%s%3N >/tmp/started; exec "$@" -l "$0"';
  await online.start(['sh', '-c', script, log, ...words]);
  const deadline_ms = performance.now() + STARTED_WITHIN_MS;
  while (performance.now() < deadline_ms) {
    const told = await copyingSince(online, log);
    if (told !== undefined) return told - Number((await online.readFile('/tmp/started')).toString());
    await sleep(50);
  }
  throw new BenchError('COPY_NOT_ARMED', `tcpcopy does not copy within ${STARTED_WITHIN_MS} ms.`);
}

/** Milliseconds since 1970. */
async function copyingSince(online: LabNode, log: string): Promise<number | undefined> {
  const { stdout } = await online.exec(['grep', '-m1', '"event":"copying"', log]);
  const [, time] = /"time":"([^"]+)"/.exec(stdout.toString()) ?? [];
  return time === undefined ? undefined : Date.parse(time);
}

async function bytesIn(directory: string): Promise<number> {
  const programs = await Promise.all(['tcpcopy', 'intercept'].map((name) => stat(join(directory, name))));
  const byFile = new Map(programs.map(({ ino, size }) => [ino, size]));
  return [...byFile.values()].reduce((sum, size) => sum + size, 0);
}
