/** Plants one leak after the other under a load, and sees what a verification says about each. */
import type { Progress } from '../../engine/docker/progress';
import type { Topology } from '../../topology/types';
import { sceneOf } from '../../verify/collect/scene-of';
import type { Verification } from '../../verify/verification';
import { verifyLab } from '../../verify/verify-lab';
import { inOwnLab } from '../own-lab';
import type { Architecture } from '../stage/scenario';
import { Ground } from './ground';
import type { PlantedLeak } from './planted';

export interface PlantedResult {
  readonly planted: string;
  /** What the detector should have called it. */
  readonly expected: string;
  readonly verdict: 'pass' | 'fail';
  readonly leaked: number;
  readonly exposures: number;
  /** The names that the detector gave. */
  readonly told: readonly string[];
}

export interface PlantedOptions {
  readonly topologies: Readonly<Record<Architecture, Topology>>;
  readonly seed: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly onResult: (result: PlantedResult) => void;
}

/** Long enough that a leak falls into it wherever a machine is slow to plant it. */
const LOAD = { requests: 360, rate: 150, patience_ms: 1_000 };

export async function runPlanted(
  leaks: readonly PlantedLeak[],
  { topologies, seed, progress, signal, onResult }: PlantedOptions,
): Promise<PlantedResult[]> {
  const results: PlantedResult[] = [];
  for (const architecture of new Set(leaks.map((leak) => leak.architecture))) {
    const own = {
      name: `planted-${process.pid}-${architecture}`.slice(0, 31),
      bare: false,
      progress,
      signal,
    };
    await inOwnLab(topologies[architecture], own, async (lab) => {
      const ground = await Ground.of(lab, await sceneOf(lab));
      const fits = (leak: PlantedLeak): boolean =>
        leak.architecture === architecture && (leak.family ?? ground.family) === ground.family;
      for (const leak of leaks.filter(fits)) {
        const { verification } = await verifyLab(lab, {
          ...LOAD,
          seed,
          signal,
          onPhase: (phase) => (phase === 'half-way' ? leak.plant(ground) : undefined),
        });
        const result = resultOf(leak, verification);
        results.push(result);
        onResult(result);
      }
    });
  }
  return results;
}

/** Found is what fails the verification under its name, or, if it decides nothing, is told under it. */
export function resultOf(
  { name, found }: PlantedLeak,
  { verdict, reasons, leaks }: Verification,
): PlantedResult {
  const names = new Set(leaks.names);
  const kinds = new Set(leaks.exposures.map(({ kind }) => kind));
  const isFound =
    'leak' in found
      ? verdict === 'fail' && reasons.some(({ code }) => code === 'leak') && names.has(found.leak)
      : kinds.has(found.exposure);
  return {
    planted: name,
    expected: 'leak' in found ? found.leak : found.exposure,
    verdict: isFound ? 'pass' : 'fail',
    leaked: leaks.frames,
    exposures: leaks.exposures.length,
    told: [...names, ...kinds],
  };
}
