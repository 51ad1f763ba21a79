/** A scenario: a disturbance that is carried out in a lab of its own under a steady load, and what is to come of it. */
import type { Topology } from '../../topology/types';
import type { Part } from './parts';
import type { Stage } from './stage';

/** Which of the shipped topologies it is played in. */
export type Architecture = 'traditional' | 'data-link';

export interface Expectation {
  /** How long after the guard was taken away frames may get out. Without it, none ever may. */
  readonly leaksFor_ms?: number;
  /** Of what reaches the online server once the disturbance is over: all must be copied, exactly once. */
  readonly copyingAfterwards: boolean;
  /**
   * Which requests may be missing while the disturbance lasts. `while-away`: some, when there was no tcpcopy that could
   * copy or count them. A list: some, when tcpcopy's counters of these names tell so.
   */
  readonly missing: 'none' | 'while-away' | readonly string[];
  /** How soon after the guard was taken away the last copy must have been sent. */
  readonly detectsWithin_ms?: number;
  /** How soon after the disturbance was over copies must be sent again. */
  readonly resumesWithin_ms?: number;
}

export interface Scenario {
  /** Lower-case letters, digits and dashes. */
  readonly name: string;
  /** Half a sentence: what happens. */
  readonly title: string;
  /** One sentence: what is to be learnt from it. */
  readonly teaches: string;
  readonly architecture: Architecture;
  /** Played in a lab of its own, of the topology that this makes of the architecture's; with our programs only. */
  readonly setting?: (topology: Topology) => Topology;
  /** The only kind of test server that it knows how to stop and start; it does so. */
  readonly server?: 'nginx';
  /** How often it is played when nobody says otherwise: more than once where chance decides when something happens. */
  readonly rounds?: number;
  /**
   * The copy is there before the load begins, each part with these further arguments. Without it the load runs at the
   * beginning, and nothing of the copy does.
   */
  readonly copying?: Partial<Record<Part, readonly string[]>>;
  readonly expect: Expectation;
  /** Carries the disturbance out, under the load. */
  play(stage: Stage): Promise<void>;
}

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** @throws Error when the name is none, or the expectation contradicts itself */
export function defineScenario(scenario: Scenario): Scenario {
  const { name, expect } = scenario;
  if (!NAME.test(name)) throw new Error(`${name} cannot be a scenario's name`);
  if (!expect.copyingAfterwards && expect.resumesWithin_ms !== undefined)
    throw new Error(`scenario ${name} expects copying to go on, and not to`);
  return scenario;
}
