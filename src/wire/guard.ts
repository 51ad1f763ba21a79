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

/** When a guard stood as it is told, so that the question before it bounds its age whatever delays the answer. */
export interface Stood {
  /** By a clock of intercept's own that only goes forward. */
  readonly clock_ms: number;
  /** The last question that it had heard; 0 for none. */
  readonly asked: number;
  /** When it heard that, by the same clock. */
  readonly heard_ms: number;
  /** When it says so, by the same clock. */
  readonly said_ms: number;
}
