/** Short verified runs of copies that work, one after the other: none of them may report anything. */
import type { Progress } from '../engine/docker/progress';
import type { Topology } from '../topology/types';
import { verifyLab } from '../verify/verify-lab';
import { inOwnLab } from './own-lab';
import type { Architecture } from './stage/scenario';

export interface CleanResult {
  readonly architecture: Architecture;
  /** From 1. */
  readonly round: number;
  readonly seed: number;
  readonly verdict: 'pass' | 'fail';
  /** Why it fails, as sentences. */
  readonly reasons: readonly string[];
  readonly leaked: number;
  readonly exposures: number;
  readonly missing: number;
  readonly doubled: number;
}

export interface CleanOptions {
  readonly topologies: Readonly<Record<Architecture, Topology>>;
  readonly seed: number;
  /** Of all architectures together. */
  readonly rounds: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly onResult: (result: CleanResult) => void;
}

const LOAD = { requests: 120 };

/** The rounds are shared by the architectures, each in a lab of its own that lasts for all of its rounds. */
export async function runClean(options: CleanOptions): Promise<CleanResult[]> {
  const { topologies, seed, rounds, progress, signal, onResult } = options;
  const results: CleanResult[] = [];
  const architectures = Object.keys(topologies) as Architecture[];
  for (const [index, architecture] of architectures.entries()) {
    const own = rounds / architectures.length;
    const last = Math.round(own * (index + 1));
    if (results.length === last) continue;
    const name = `clean-${process.pid}-${architecture}`.slice(0, 31);
    await inOwnLab(topologies[architecture], { name, bare: false, progress, signal }, async (lab) => {
      while (results.length < last) {
        const round = results.length + 1;
        const { verification } = await verifyLab(lab, { ...LOAD, seed: seed + round - 1, signal });
        const { leaks, requests, reasons } = verification;
        const result: CleanResult = {
          architecture,
          round,
          seed: seed + round - 1,
          // What decides nothing elsewhere must not be here either.
          verdict: verification.verdict === 'pass' && leaks.exposures.length === 0 ? 'pass' : 'fail',
          reasons: [
            ...reasons.map(({ code, message }) => `${code}: ${message}`),
            ...leaks.exposures.map(({ text }) => text),
          ],
          leaked: leaks.frames,
          exposures: leaks.exposures.length,
          missing: requests.missing,
          doubled: requests.duplicated,
        };
        results.push(result);
        onResult(result);
      }
    });
  }
  return results;
}
