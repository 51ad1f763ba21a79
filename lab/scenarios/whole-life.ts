/** A lab that is watched for its whole life: from before its first node is there to after its last is gone. */
import { down } from '../engine/down';
import { findLab, findLabs } from '../engine/labs/find';
import type { Vantage } from '../engine/commands/lab';
import { up } from '../engine/up';
import type { Progress } from '../engine/docker/progress';
import type { Topology } from '../topology/types';
import { Cleanup } from '../verify/collect/cleanup';
import { RunningLoad } from '../verify/collect/load';
import { awaitMarks, startTap, stopTap, vantagePlan, type RunningTap } from '../verify/collect/taps';
import { findInTaps } from '../verify/findings/in-evidence';
import { leaksOf } from '../verify/leaks/leaks';
import { clientParts, newRun, protocolIn } from '../verify/collect/load-parts';
import { sceneOf } from '../verify/collect/scene-of';
import { sendMark } from '../verify/collect/send-mark';
import type { TapEvidence } from '../verify/evidence/tap';
import { verifyLab } from '../verify/verify-lab';
import { allWatches } from '../verify/evidence/watch';
import type { Family } from '../topology/addresses';
import type { CleanResult } from './clean';
import type { Architecture } from './stage/scenario';

export interface LifeOptions {
  readonly topologies: Readonly<Record<Architecture, Topology>>;
  readonly seed: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly onResult: (result: CleanResult) => void;
}

/** Busy until it is taken down. */
const UNTIL_THE_END = { requests: 4_000, rate: 200 };

export async function watchLives(options: LifeOptions): Promise<CleanResult[]> {
  const results: CleanResult[] = [];
  for (const architecture of Object.keys(options.topologies) as Architecture[]) {
    results.push(await watchLife(architecture, results.length + 1, options));
    options.onResult(results.at(-1)!);
  }
  return results;
}

async function watchLife(
  architecture: Architecture,
  round: number,
  { topologies, seed, progress, signal }: LifeOptions,
): Promise<CleanResult> {
  const name = `life-${process.pid}-${architecture}`.slice(0, 31);
  const run = newRun();
  // What is to be cleaned up goes with the lab.
  const cleanup = new Cleanup();
  const tapping: RunningTap[] = [];
  let taps: TapEvidence[] = [];
  const onNetwork = async (network: string, vantages: readonly Vantage[]): Promise<void> => {
    const families: Family[] =
      topologies[architecture].networks[network]!.subnet6 === undefined ? [4] : [4, 6];
    const plans = vantages.map((vantage) => vantagePlan(vantage, network, families, run));
    tapping.push(...(await Promise.all(plans.map((plan) => startTap(plan, cleanup)))));
  };
  try {
    const { lab } = await up(topologies[architecture], { name, anywhere: true, progress, signal, onNetwork });
    const scene = await sceneOf(lab);
    await sendMark(lab, scene, run, 'before');
    const { verification, evidence } = await verifyLab(lab, { seed, requests: 480, signal });
    const { requests } = UNTIL_THE_END;
    const profile = { protocol: protocolIn(scene), seed, run: newRun(), purpose: 'lab', requests } as const;
    const busy = await RunningLoad.start(clientParts(lab, scene, profile, UNTIL_THE_END.rate), cleanup);
    await busy.reaches(0.05, signal);
    await sendMark(lab, scene, run, 'after');
    const directPorts = evidence.direct.ports;
    await down(await findLab(name), progress, async () => {
      await Promise.all(tapping.map(({ plan }) => awaitMarks(plan, run)));
      taps = await Promise.all(tapping.map((tap) => stopTap(tap, scene)));
    });
    const leaks = leaksOf(taps, scene, directPorts);
    const reasons = [
      ...verification.reasons.map(({ code, message }) => `${code}: ${message}`),
      ...leaks.first.map(({ text, name: what }) => `leaked (${what}): ${text}`),
      ...leaks.exposures.map(({ text }) => text),
      ...findInTaps(taps, run, allWatches(scene)).findings.map(({ code, message }) => `${code}: ${message}`),
    ];
    return {
      architecture,
      round,
      seed,
      verdict: reasons.length === 0 ? 'pass' : 'fail',
      reasons,
      leaked: leaks.frames,
      exposures: leaks.exposures.length,
      missing: verification.requests.missing,
      doubled: verification.requests.duplicated,
    };
  } finally {
    const left = (await findLabs()).find((lab) => lab.name === name);
    if (left) await down(left, progress);
  }
}
