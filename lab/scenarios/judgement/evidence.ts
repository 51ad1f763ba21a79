/** Everything that the playing of a scenario collected; its verdict is a function of this. */
import type { LoadProfile } from '../../load/requests/schedule';
import type { LoadSummary } from '../../load/summary';
import type { ProgramCounters } from '../../verify/evidence/copy-state';
import type { KernelCount } from '../../verify/evidence/kernel-count';
import type { Scene } from '../../verify/evidence/scene';
import type { TapEvidence } from '../../verify/evidence/tap';
import type { Moments } from '../stage/stage';

/** A load, and what those who sent it said in the end. */
export interface PlayedLoad {
  readonly profile: LoadProfile;
  readonly loads: readonly LoadSummary[];
  /** Ports of the online server from which it used the test server itself meanwhile. */
  readonly directPorts: readonly number[];
}

export interface ScenarioEvidence {
  readonly scene: Scene;
  /** From before the first part of the copy was started to after the last was stopped. */
  readonly taps: readonly TapEvidence[];
  readonly kernelCounts: readonly KernelCount[];
  /** Names the marks in the taps. */
  readonly run: string;
  /** The load under which the disturbance was carried out. */
  readonly steady: PlayedLoad;
  /** The load that was sent when the disturbance was over; only where it is expected to be copied. */
  readonly after: PlayedLoad | undefined;
  readonly moments: Moments;
  /** Of the tcpcopy that ran when the disturbance was over. */
  readonly counters: ProgramCounters;
  /** Copied connections that the test server still had when the guard was to go, as ss(8) prints them. */
  readonly left: readonly string[];
  /** Why the scenario could not be carried out to its end. */
  readonly failure: string | undefined;
  /** The logs of the copy's programs. */
  readonly logs: Readonly<Record<string, string>>;
}
