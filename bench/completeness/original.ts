/** The C original under the same loads, in labs of its own. */
import { resolve } from 'node:path';
import { reasonOf } from '../../lab/engine/docker/errors';
import type { Load, Playable } from '../loads/load';
import type { Row } from '../loads/row';
import type { StageOptions } from '../loads/with-stage';
import { restartPrograms } from '../stage/stage';
import { playLoads } from './play-loads';

/** What it came to; where it came to no figures, why. */
export type Outcome = { readonly row: Row } | { readonly failure: string };

/** The build for the architecture that the loads are played in. */
const FLAVOUR = '0.9';

/** @param peer holds the original's programs, in 0.9/ */
export function playOriginal(
  loads: readonly Load[],
  peer: string,
  options: Omit<StageOptions, 'components'>,
): Promise<Outcome[]> {
  const components = { directory: resolve(peer, FLAVOUR), flavour: FLAVOUR } as const;
  return playLoads(
    loads.map((load) => startedAnew(load, options.signal)),
    { ...options, components },
  );
}

/** What one load has left the programs with is not the next one's; nor is it if they did not survive it. */
const startedAnew = (load: Load, signal: AbortSignal): Playable<Outcome> => ({
  ...load,
  measure: async (stage) => {
    try {
      await restartPrograms(stage);
      return { row: await load.measure(stage) };
    } catch (failure) {
      signal.throwIfAborted();
      return { failure: reasonOf(failure) };
    }
  },
});
