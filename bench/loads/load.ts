/** A load: something that clients do, and what must have come of it. */
import type { Stage } from '../stage/stage';
import type { LoadName } from './load-name';
import type { Row } from './row';

/** Which servers it is for; each has a lab of its own. */
export type LabKind = 'http' | 'http2' | 'redis';

export interface Playable<Result> extends LoadName {
  readonly labKind: LabKind;
  /** Plays it and measures. */
  measure(stage: Stage): Promise<Result>;
}

export type Load = Playable<Row>;
