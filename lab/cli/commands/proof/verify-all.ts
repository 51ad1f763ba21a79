/** Every shipped topology: started, verified and taken down, several labs at a time. */
import { availableParallelism, freemem } from 'node:os';
import type { RunningLab } from '../../../engine/commands/lab';
import type { Progress } from '../../../engine/docker/progress';
import type { Topology } from '../../../topology/types';
import type { CaseReport } from '../../../../src/report/case';
import { caseOfVerification } from '../../../report/case';
import type { ReplayVerification } from '../../../verify/replay-lab';
import type { Verification } from '../../../verify/verification';
import { atATime } from './at-a-time';
import { table, toldOf } from '../../terminal/output';
import { loadTopology, shippedNames } from '../../options/topology-source';

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

/** A copy's row, and the same for CI servers. */
export interface Outcome {
  readonly row: Row;
  readonly report: CaseReport;
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
export async function verifyAll(load: LoadChoice, labs: number, signal: AbortSignal): Promise<Outcome[]> {
  const topologies = (await Promise.all(shippedNames().map(loadTopology))).filter(
    ({ copies }) => copies.length > 0,
  );
  const isOffline = ({ copies }: Topology): boolean =>
    copies.some(({ architecture }) => architecture === 'offline');
  const recordings: Recording[] = [];
  const outcomes = new Map<Topology, readonly Outcome[]>();
  const verify = async (topology: Topology, stop: AbortSignal): Promise<void> => {
    const progress = toldOf(topology.name);
    const work = (lab: RunningLab): Promise<Outcome[]> => outcomesIn(lab, load, recordings, progress, stop);
    outcomes.set(topology, await inItsLab(topology, progress, stop, work));
  };
  // What takes longest begins first, so that nothing long is left at the end.
  const live = topologies
    .filter((one) => !isOffline(one))
    .toSorted((a, b) => b.copies.length - a.copies.length);
  await atATime(labs, live, verify, signal);
  await atATime(labs, topologies.filter(isOffline), verify, signal);
  return topologies.flatMap((topology) => outcomes.get(topology) ?? []);
}

/** Under a name of its own, so that no lab that runs is touched. */
async function inItsLab<T>(
  topology: Topology,
  progress: Progress,
  signal: AbortSignal,
  work: (lab: RunningLab) => Promise<T>,
): Promise<T> {
  const [{ up }, { down }, { findLab }] = await Promise.all([
    import('../../../engine/up'),
    import('../../../engine/down'),
    import('../../../engine/labs/find'),
  ]);
  const name = `all-${process.pid}-${topology.name}`.slice(0, 31);
  const { lab } = await up(topology, { name, anywhere: true, progress, signal });
  try {
    return await work(lab);
  } finally {
    await down(await findLab(name), progress);
  }
}

async function outcomesIn(
  lab: RunningLab,
  load: LoadChoice,
  recordings: Recording[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Outcome[]> {
  const [{ verifyLab }, { replayInLab }] = await Promise.all([
    import('../../../verify/verify-lab'),
    import('../../../verify/replay-lab'),
  ]);
  const outcomes: Outcome[] = [];
  const topology = lab.topology.name;
  for (const { from, to, architecture } of lab.topology.copies) {
    const copy = `${from} to ${to}`;
    const started_ms = performance.now();
    const passed_ms = (): number => performance.now() - started_ms;
    const online = lab.topology.nodes[from]!.server!;
    if (architecture === 'offline') {
      const recording = recordings.find(({ port }) => port === online.port);
      if (!recording) continue;
      const row = replayRow(topology, copy, await replayInLab(lab, recording.capture, { signal }));
      outcomes.push({ row, report: reportOfReplay(row, passed_ms()) });
    } else {
      const { verification, evidence } = await verifyLab(lab, { ...load, from, signal });
      outcomes.push({
        row: rowOf(topology, verification),
        report: caseOfVerification(topology, verification, passed_ms()),
      });
      const tap = evidence.taps.find(({ node }) => node === from);
      if (tap && evidence.scene.protocol === 'http' && !recordings.some(({ port }) => port === online.port))
        recordings.push({ port: online.port, capture: tap.capture });
    }
    progress.note(`${copy}: ${outcomes.at(-1)!.row.verdict}`);
  }
  return outcomes;
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

const reportOfReplay = (
  { topology, copy, verdict, reasons, sent, atTest, deviations, leaks }: Row,
  duration_ms: number,
): CaseReport => ({
  suite: topology,
  name: copy,
  verdict,
  duration_ms,
  reasons,
  figures: { sent, 'at test': atTest, deviations, leaks },
});

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
