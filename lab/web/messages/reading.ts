/** How a lab stands at one moment, by the readers that verify has. */

/**
 * Packets that the kernel has counted since the watch began.
 *
 * `responses`: made by the test server for those who may not hear them, before the guard. `escaped`: of these, what left
 * for somebody else than an assistant.
 */
export const flowNames = ['requests', 'answers', 'copies', 'responses', 'escaped'] as const;
export type FlowName = (typeof flowNames)[number];
export type FlowCounts = Readonly<Record<FlowName, number>>;

export interface GuardReading {
  /** `unknown`: tcpcopy does not run, or says nothing of it (as the C original). */
  readonly level: 'armed' | 'suspended' | 'disarmed' | 'unknown';
  readonly reasons: readonly string[];
  /** When tcpcopy said so, ISO 8601. */
  readonly since?: string;
  /** What catches: the rule as iptables prints it, or the ways of a data-link copy. */
  readonly catches: readonly string[];
}

/** What tcpcopy said of the guard, and when. */
export interface GuardChange {
  /** Name of the online server, which tells one copy from the other. */
  readonly copy: string;
  /** Milliseconds since the epoch. */
  readonly at_ms: number;
  readonly level: 'armed' | 'suspended' | 'disarmed';
  readonly reason?: string;
}

export interface FindingReading {
  readonly code: string;
  readonly message: string;
  readonly mend?: string;
}

/** Numbers of a program's own counters; undefined when it gives none. */
export type Counters = Readonly<Record<string, number>> | undefined;

export interface CopyReading {
  /** Name of the online server, which tells one copy from the other. */
  readonly from: string;
  /** Command lines; undefined when the program does not run. */
  readonly tcpcopy: string | undefined;
  readonly intercept: string | undefined;
  readonly guard: GuardReading;
  /** What verify finds wrong with the set-up. */
  readonly findings: readonly FindingReading[];
  readonly counters: { readonly tcpcopy: Counters; readonly intercept: Counters };
  readonly flows: FlowCounts;
}

export interface Reading {
  /** Milliseconds since the epoch. */
  readonly at_ms: number;
  readonly copies: readonly CopyReading[];
}
