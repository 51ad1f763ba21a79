/** Everything that a verification collected. From here on there is no I/O: the verdict is a function of this. */
import type { LoadProfile } from '../../load/schedule';
import type { LoadSummary } from '../../load/summary';
import type { CopyState, ProgramCounters, ProgramName } from './copy-state';
import type { DoubtfulWords } from './doubt';
import type { KernelCount } from './kernel-count';
import type { Scene } from './scene';
import type { ServerRecord } from './server-record';
import type { TapEvidence } from './tap';

export interface Evidence {
  readonly scene: Scene;
  readonly profile: LoadProfile;
  /** One for each client. */
  readonly loads: readonly LoadSummary[];
  /** Requests that the online server, being on the passlist, sent to the test server itself. */
  readonly direct: LoadSummary;
  readonly taps: readonly TapEvidence[];
  readonly kernelCounts: readonly KernelCount[];
  readonly records: { readonly online: ServerRecord; readonly test: ServerRecord };
  readonly state: Moments<CopyState>;
  readonly counters: Readonly<Record<ProgramName, Moments<ProgramCounters>>>;
  /** Since the verification began. */
  readonly doubtful: readonly DoubtfulWords[];
}

export interface Moments<T> {
  readonly before: T;
  readonly after: T;
}
