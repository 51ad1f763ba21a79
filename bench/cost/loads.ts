/** What the candidates are compared under. */
import { playAb } from '../loads/ab';
import type { Play } from '../loads/exactly';
import type { Stage } from '../stage';

export interface CostLoad {
  /** What it is called on the command line. */
  readonly id: string;
  readonly title: string;
  readonly play: Play;
}

export const costLoads: readonly CostLoad[] = [
  {
    id: 'keep-alive-10',
    title: 'keep-alive, 10 connections',
    play: playAb({ keepAlive: true, connections: 10, requests: 40_000 }),
  },
  {
    id: 'short-10',
    title: 'short connections, 10 at a time',
    play: playAb({ keepAlive: false, connections: 10, requests: 10_000 }),
  },
];

/** The first seconds of a program's life are spent on compiling it, and the servers' caches are cold. */
export async function warmUp(stage: Stage): Promise<void> {
  await playAb({ keepAlive: true, connections: 10, requests: 10_000 })(stage, 'bench/warm');
  await playAb({ keepAlive: false, connections: 10, requests: 2_000 })(stage, 'bench/warm');
}
