/** How much more the engine does in several workers than in one: threads that play a share of the connections each, side by side. */
import type { PlayerWishes } from './player';
import { sideBySide, type SideBySide } from './side-by-side';

const CONNECTIONS = 1000;
const WARM_MS = 3000;
const TURN_MS = 1500;
const RATIO_MIN = 1.8;

export const engineWorkers = (workers: number, signal: AbortSignal): Promise<SideBySide> =>
  sideBySide(
    {
      entry: 'engine/player.ts',
      wishesOf: (share): PlayerWishes => ({ share, connections: CONNECTIONS }),
      warm: WARM_MS,
      task: TURN_MS,
      least: RATIO_MIN,
    },
    workers,
    signal,
  );
