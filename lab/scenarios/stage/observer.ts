/** Who looks on while scenarios are played. */
import type { RunningLab } from '../../engine/commands/lab';
import type { Scenario } from './scenario';
import type { Step } from './step';

export interface Observer {
  told(step: Step): void;
  /** Awaited before the lab is used otherwise. */
  end(): Promise<void>;
}

/** Begins to look on, at a bare lab. */
export type Observe = (
  lab: RunningLab,
  scenario: Scenario,
  playing: { readonly round: number; readonly seed: number },
) => Promise<Observer>;
