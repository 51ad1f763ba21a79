/** How much clients say while a scenario is played. */
import { newRun } from '../verify/collect/load-parts';

export interface Load {
  readonly requests: number;
  /** Requests a second. */
  readonly rate: number;
}

export interface Loads {
  /** While the disturbance lasts. `toItsEnd`: all of it is sent, also when that was over before. */
  readonly steady: Load & { readonly toItsEnd: boolean };
  /** When it is over. */
  readonly after: Load;
  /** Names the requests of a seed; see {@link newRun}. */
  readonly runOf: (seed: number) => string;
}

/** So little that each frame can be seen, and the same at each playing of a seed. */
export const visibleLoads: Loads = {
  steady: { requests: 128, rate: 8, toItsEnd: true },
  after: { requests: 24, rate: 8 },
  runOf: (seed) => `v${seed.toString(36).padStart(7, '0')}`,
};

/** Some dozen connections are busy on two cores. It is enough for 40 s; what is not needed is not sent. */
export const busyLoads: Loads = {
  steady: { requests: 8_000, rate: 200, toItsEnd: false },
  after: { requests: 240, rate: 400 },
  runOf: newRun,
};
