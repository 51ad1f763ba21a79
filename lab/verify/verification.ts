/** What a verification says in the end. */
import type { Family } from '../../src/wire/address/address';
import type { OutsideCall } from '../fence/outside-call';
import type { Latency } from '../load/summary';
import type { Moments, PlayedLoad } from './evidence/evidence';
import type { ProgramCounters, ProgramName } from './evidence/copy-state';
import type { Control } from './findings/in-evidence';
import type { Leaks } from './leaks/leaks';
import type { ServerTimes } from './evidence/response-times';
import type { Finding } from './findings/finding';
import type { Deviation, LedgerCounts } from './ledger/ledger';
import type { LeftOut } from './ledger/left-out';
import type { MachineClock } from './frames/machine-clocks';
import type { Scene } from './evidence/scene';

/** How many requests a load may have: enough that each of its kinds is in it, and no more than is looked through in memory. */
export const LOAD_REQUESTS = { min: 24, max: 200_000 } as const;

export interface FamilyCounts {
  readonly family: Family;
  readonly online: number;
  readonly test: number;
}

export interface StreamBytes {
  /** Bytes that clients said to the online server. */
  readonly online: number;
  /** Bytes that came to the test server in their place. */
  readonly test: number;
}

export interface Verification {
  readonly verdict: 'pass' | 'fail';
  /** Causes first, then effects, then what is wrong with the evidence; empty when the verdict is `pass`. */
  readonly reasons: readonly Finding[];
  /** What fails nothing, but should be known. */
  readonly notes: readonly Finding[];
  readonly scene: Scene;
  readonly profile: PlayedLoad;
  /** Requests; where only bytes are compared, connections of clients, each counted by its first difference. */
  readonly requests: LedgerCounts;
  /** Where only bytes are compared: how many there were. */
  readonly streams: StreamBytes | undefined;
  /** Requests that are missing with their connections, because there was no room for these: they are no deviation. */
  readonly leftOut: LeftOut | undefined;
  /** The first identities of each deviation. */
  readonly examples: Readonly<Record<Deviation, readonly string[]>>;
  readonly leaks: Leaks;
  /** What came over each family that is copied: where requests are told apart these, else connections of clients. */
  readonly families: readonly FamilyCounts[];
  /** Calls of the test side's services to others, which went nowhere; not those that the topology allows. */
  readonly outside: readonly OutsideCall[];
  /** Fences of the test side. */
  readonly fences: number;
  readonly controls: readonly Control[];
  readonly counters: Readonly<Record<ProgramName, Moments<ProgramCounters>>>;
  /** How fast the servers answered, since tcpcopy began. */
  readonly times: readonly ServerTimes[];
  /** Of each machine but the online server's; none where there is one machine. */
  readonly clocks: readonly MachineClock[];
  readonly load: {
    readonly connections: number;
    readonly duration_ms: number;
    readonly latency: readonly Latency[];
    /** Answers that the online server got from the test server directly. */
    readonly directAnswers: number;
  };
}
