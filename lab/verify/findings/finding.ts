/** What a verification can find, each with a literal code. One reason is enough to fail it; notes fail nothing. */

export type FindingCode =
  // The set-up: causes.
  | 'guard-rule-missing'
  | 'guard-rule-wrong-port'
  | 'guard-rule-wrong-chain'
  | 'guard-rule-partial'
  | 'guard-rule-shadowed'
  | 'guard-bypass'
  | 'guard-queue-unbound'
  | 'route-missing'
  | 'route-direct'
  | 'route-elsewhere'
  | 'policy-missing'
  | 'black-hole-missing'
  | 'assistant-forwards'
  | 'redirects-accepted'
  | 'intercept-not-running'
  | 'tcpcopy-not-running'
  | 'control-not-connected'
  | 'guard-not-proven'
  | 'fence-missing'
  | 'service-ended'
  // What was promised: effects.
  | 'leak'
  | 'requests-missing'
  | 'requests-duplicated'
  | 'requests-altered'
  | 'requests-unexpected'
  | 'order-changed'
  | 'log-in-refused'
  | 'bytes-missing'
  | 'bytes-duplicated'
  | 'bytes-altered'
  | 'bytes-unexpected'
  | 'passlist-broken'
  | 'outside-called'
  // The evidence itself.
  | 'load-failed'
  | 'tap-blind'
  | 'tap-dropped'
  | 'tap-damaged'
  | 'evidence-disagrees'
  // Notes: what nobody can know.
  | 'requests-doubtful';

export interface Finding {
  readonly code: FindingCode;
  /** One sentence or two for a person. */
  readonly message: string;
  /** What to do about it; a command where one helps. */
  readonly mend?: string;
}

/** `1 request`, `2,400 requests`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
