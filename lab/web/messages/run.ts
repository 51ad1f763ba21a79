/** A run that is watched: of a scenario, or of a verification. What was done, what the guard said, and what came of it. */

/** One that can be played, as the catalogue has it. */
export interface PlayableScenario {
  readonly name: string;
  readonly architecture: 'traditional' | 'data-link';
  /** Half a sentence, in English. */
  readonly title: string;
  /** What is to be learnt from it, in English. */
  readonly teaches: string;
}

export type RunPart = 'net' | 'guard' | 'intercept' | 'tcpcopy';

/** What is done, before it is done; but a moment is told when it has come. */
export type RunStep =
  | { readonly kind: 'phase'; readonly phase: RunPhase }
  | { readonly kind: 'part'; readonly part: RunPart; readonly does: 'start' | 'stop' }
  | {
      readonly kind: 'signal';
      readonly program: 'intercept' | 'tcpcopy';
      readonly signal: 'KILL' | 'STOP' | 'CONT';
    }
  | { readonly kind: 'command'; readonly node: string; readonly line: string }
  | { readonly kind: 'parameter'; readonly node: string; readonly name: string; readonly value: string }
  | { readonly kind: 'wait'; readonly duration_ms: number }
  | { readonly kind: 'moment'; readonly moment: 'lost' | 'restored' };

/** Around the disturbance of a scenario; of a verification; and of a replay. */
export type RunPhase =
  | 'taps'
  | 'copy'
  | 'load'
  | 'disturbance'
  | 'over'
  | 'after'
  | 'take-down'
  | 'last-look'
  | 'armed'
  | 'load-started'
  | 'half-way'
  | 'load-ended'
  | 'settled'
  | 'recorded'
  | 'played'
  | 'finished';

export interface RunBegun {
  /** Of the scenario, or `verify`. */
  readonly name: string;
  readonly architecture: PlayableScenario['architecture'] | 'offline';
  /** Of load and chance; there is none where a load of the topology's own was played. */
  readonly seed?: number;
  /** The C original's tcpcopy and intercept played it, of this series. Default: ours did. */
  readonly original?: '0.9' | '1.x';
  /** Of a scenario, in English. */
  readonly about?: { readonly title: string; readonly teaches: string };
}

export interface RunResult {
  readonly verdict: 'pass' | 'fail';
  /** Why it fails, as sentences in English. */
  readonly reasons: readonly string[];
  /** By name of figure, in the order in which they are shown; milliseconds where the name says so. */
  readonly figures: Readonly<Record<string, number>>;
}

export type RunMessage =
  /** A run begins; of what was before, nothing is left. */
  | { readonly kind: 'run'; readonly run: RunBegun }
  /** What is done to have a lab for it. */
  | { readonly kind: 'setting-up'; readonly what: string }
  | { readonly kind: 'step'; readonly at_ms: number; readonly step: RunStep }
  | { readonly kind: 'result'; readonly at_ms: number; readonly result: RunResult }
  /** It came to no result. */
  | { readonly kind: 'broken-off'; readonly why: string };
