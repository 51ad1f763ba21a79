/** Everything that a verification collected. From here on there is no I/O: the verdict is a function of this. */
import type { LoadProfile } from '../../load/requests/schedule';
import type { LoadSummary } from '../../load/summary';
import type { CopyState, ProgramCounters, ProgramName } from './copy-state';
import type { DoubtfulWords } from './doubt';
import type { GuardSaid } from './guard-log';
import type { FenceState } from './fence-state';
import type { KernelCount } from './kernel-count';
import type { ServerTimes } from './response-times';
import type { Scene } from './scene';
import type { ServerRecord } from './server-record';
import type { TapEvidence } from './tap';

/** A load of the user's own, of which nothing is known but what it says on the wire. */
export interface OwnLoad {
  readonly protocol: 'bytes';
  /** Names the run in marks. */
  readonly run: string;
  readonly argv: readonly string[];
  /** Name of the client. */
  readonly node: string;
  /** Undefined when it was ended because its time was over. */
  readonly exitCode: number | undefined;
  /** Its last lines. */
  readonly output: string;
  readonly duration_ms: number;
}

/** What was played. */
export type PlayedLoad = LoadProfile | OwnLoad;

/** A container of the user's that does not run any more. */
export interface EndedServer {
  readonly node: string;
  /** Which it is, how it ended, and what it said. */
  readonly how: string;
}

export interface Evidence {
  readonly scene: Scene;
  readonly profile: PlayedLoad;
  /** One for each client; none of a load of the user's own. */
  readonly loads: readonly LoadSummary[];
  /** Requests that the online server, being on the passlist, sent to the test server itself. */
  readonly direct: LoadSummary;
  readonly taps: readonly TapEvidence[];
  readonly kernelCounts: readonly KernelCount[];
  readonly records: { readonly online: ServerRecord; readonly test: ServerRecord };
  readonly state: Moments<CopyState>;
  /** Of the test side's services; none where these are the lab's own. */
  readonly fences: Moments<readonly FenceState[]>;
  /** Services of the user's that had ended behind the load. */
  readonly ended: readonly EndedServer[];
  readonly counters: Readonly<Record<ProgramName, Moments<ProgramCounters>>>;
  /** Since tcpcopy began. */
  readonly times: readonly ServerTimes[];
  /** Since the verification began. */
  readonly doubtful: readonly DoubtfulWords[];
  /** What tcpcopy said of it last; undefined where it said nothing. */
  readonly guard: GuardSaid | undefined;
}

export interface Moments<T> {
  readonly before: T;
  readonly after: T;
}
