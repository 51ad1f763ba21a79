/** What a program that plays clients is asked for, and what it tells. */
import type { Latency } from '../figures/latency';
import type { Stage } from '../stage/stage';

/** @param tag to be put into every request's target, where requests have one */
export type Play = (stage: Stage, tag: string) => Promise<Played>;

export interface Played {
  readonly requests: number;
  readonly seconds: number;
  /** From a request to its answer, as the client sees it; undefined where it does not tell. */
  readonly latency?: Latency | undefined;
}
