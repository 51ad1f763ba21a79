import type { Finding } from './findings/finding';
import type { Deviation, LedgerCounts } from './ledger/ledger';
import type { LeftOut } from './ledger/left-out';
import type { FamilyCounts, StreamBytes } from './verification';

/** What a ledger of either kind comes to. */
export interface LedgerJudgement {
  readonly counts: LedgerCounts;
  readonly families: readonly FamilyCounts[];
  readonly identities: Readonly<Record<Deviation, readonly string[]>>;
  readonly findings: readonly Finding[];
  /** About the load itself. */
  readonly loadFindings: readonly Finding[];
  readonly recordFindings: readonly Finding[];
  readonly notes: readonly Finding[];
  readonly leftOut: LeftOut | undefined;
  readonly streams: StreamBytes | undefined;
  readonly connections: number;
  readonly duration_ms: number;
}
