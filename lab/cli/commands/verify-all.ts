/** Every shipped topology: started, verified and taken down, several labs at a time. */
import { availableParallelism, freemem } from 'node:os';
import type { RunningLab } from '../../engine/nodes/lab';
import type { Progress } from '../../engine/docker/progress';
import type { Topology } from '../../topology/types';
import type { ReplayVerification } from '../../verify/replay-lab';
import type { Verification } from '../../verify/verification';
import { atATime } from './at-a-time';
import { table, toldOf } from '../terminal/output';
import { loadTopology, shippedNames } from '../options/topology-source';

/** A copy's outcome. */
export interface Row {
  readonly topology: string;
  readonly copy: string;
  readonly verdict: 'pass' | 'fail';
  readonly sent: number;
  readonly atTest: number;
  readonly deviations: number;
  readonly leaks: number;
  readonly reasons: readonly string[];
}

interface LoadChoice {
  readonly seed?: number;
  readonly requests?: number;
}

/** What a server's clients said, recorded in one lab to be played in another. */
interface Recording {
  readonly port: number;
  readonly capture: Uint8Array;
}

/** What a lab of several nodes takes while it is verified, with room for the page cache. */
const LAB_BYTES = 2 ** 30;
/** Starting nodes and carrying a load keep about two cores busy: on two, a second lab at a time gains nothing. */
const CORES_A_LAB = 2;

/** How many labs this machine can verify at a time. */
export function labsAtATime(cores = availableParallelism(), memory_bytes = freemem()): number {
  return Math.max(1, Math.floor(Math.min(cores / CORES_A_LAB, memory_bytes / LAB_BYTES)));
}

/** Topologies that play a capture come last, and play what was recorded on an online server before. */
export async function verifyAll(load: LoadChoice, labs: number, signal: AbortSignal): Promise<Row[]> {
  const topologies = (await Promise.all(shippedNames().map(loadTopology))).filter(
    ({ copies }) => copies.length > 0,
  );
  const isOffline = ({ copies }: Topology): boolean =>
    copies.some(({ architecture }) => architecture === 'offline');
  const recordings: Recording[] = [];
  const rows = new Map<Topology, readonly Row[]>();
  const verify = async (topology: Topology, stop: AbortSignal): Promise<void> => {
    const progress = toldOf(topology.name);
    const work = (lab: RunningLab): Promise<Row[]> => rowsFrom(lab, load, recordings, progress, stop);
    rows.set(topology, await inItsLab(topology, progress, stop, work));
  };
  // What takes longest begins first, so that nothing long is left at the end.
  const live = topologies
    .filter((one) => !isOffline(one))
    .toSorted((a, b) => b.copies.length - a.copies.length);
  await atATime(labs, live, verify, signal);
  await atATime(labs, topologies.filter(isOffline), verify, signal);
  return topologies.flatMap((topology) => rows.get(topology) ?? []);
}

/** Under a name of its own, so that no lab that runs is touched. */
async function inItsLab<T>(
  topology: Topology,
  progress: Progress,
  signal: AbortSignal,
  work: (lab: RunningLab) => Promise<T>,
): Promise<T> {
  const [{ up }, { down }, { findLab }] = await Promise.all([
    import('../../engine/up'),
    import('../../engine/down'),
    import('../../engine/labs/find'),
  ]);
  const name = `all-${process.pid}-${topology.name}`.slice(0, 31);
  const { lab } = await up(topology, { name, anywhere: true, progress, signal });
  try {
    return await work(lab);
  } finally {
    await down(await findLab(name), progress);
  }
}

async function rowsFrom(
  lab: RunningLab,
  load: LoadChoice,
  recordings: Recording[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Row[]> {
  const [{ verifyLab }, { replayInLab }] = await Promise.all([
    import('../../verify/verify-lab'),
    import('../../verify/replay-lab'),
  ]);
  const rows: Row[] = [];
  for (const { from, to, architecture } of lab.topology.copies) {
    const copy = `${from} to ${to}`;
    const online = lab.topology.nodes[from]!.server!;
    if (architecture === 'offline') {
      const recording = recordings.find(({ port }) => port === online.port);
      if (!recording) continue;
      rows.push(replayRow(lab.topology.name, copy, await replayInLab(lab, recording.capture, { signal })));
    } else {
      const { verification, evidence } = await verifyLab(lab, { ...load, from, signal });
      rows.push(rowOf(lab.topology.name, verification));
      const tap = evidence.taps.find(({ node }) => node === from);
      if (tap && evidence.scene.protocol === 'http' && recordings.length === 0)
        recordings.push({ port: online.port, capture: tap.capture });
    }
    progress.note(`${copy}: ${rows.at(-1)!.verdict}`);
  }
  return rows;
}

function replayRow(
  topology: string,
  copy: string,
  { verdict, ledger, leaks, reasons }: ReplayVerification,
): Row {
  const { requests, missing, unexpected, reordered } = ledger;
  return {
    topology,
    copy,
    verdict,
    sent: requests,
    atTest: requests - missing,
    deviations: missing + unexpected + reordered,
    leaks: leaks.frames,
    reasons,
  };
}

export function rowOf(topology: string, { verdict, scene, requests, leaks, reasons }: Verification): Row {
  const { sent, test: atTest, missing, duplicated, altered, reordered, unexpected } = requests;
  return {
    topology,
    copy: `${scene.online.name} to ${scene.test.name}`,
    verdict,
    sent,
    atTest,
    deviations: missing + duplicated + altered + reordered + unexpected,
    leaks: leaks.frames,
    reasons: reasons.map(({ code }) => code),
  };
}

export function rowsAsTable(rows: readonly Row[]): string {
  const head = ['topology', 'copy', 'verdict', 'sent', 'at test', 'deviations', 'leaks', 'reasons'];
  const lines = rows.map((row) => [
    row.topology,
    row.copy,
    row.verdict.toUpperCase(),
    String(row.sent),
    String(row.atTest),
    String(row.deviations),
    String(row.leaks),
    row.reasons.join(' '),
  ]);
  const all = [head, ...lines];
  // A column that holds nothing says nothing.
  const kept = head.map((_, column) => lines.some((line) => line[column] !== ''));
  return table(all.map((line) => line.filter((_, column) => kept[column])));
}
