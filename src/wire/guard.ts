/** What `intercept` says of its guard, and `tcpcopy` goes by. */

export type GuardLevel =
  /** Proven a moment ago: every response is caught. Packets may be injected. */
  | 'armed'
  /** Not proven at this moment. Nothing is injected; copies wait. */
  | 'suspended'
  /** There is no guard, or it is about to end in order. No copies. */
  | 'disarmed';

export interface Guard {
  readonly level: GuardLevel;
  /** Why not, and the mend; empty when armed. */
  readonly reason: string;
}

export const ARMED: Guard = { level: 'armed', reason: '' };
