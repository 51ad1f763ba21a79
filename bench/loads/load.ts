/** A load: something that clients do, and what must have come of it. */
import type { Stage } from '../stage/stage';
import type { Row } from './row';

/** Which servers it is for; each has a lab of its own. */
export type LabKind = 'http' | 'http2' | 'redis';

/** What it is called, wherever it is spoken of. */
export interface LoadName {
  /** On the command line. */
  readonly id: string;
  readonly title: string;
  /** Requests at test in the C original 0.9.10 with NFQUEUE, 1.2 with data link, 1.2 with pcap capture. */
  readonly original?: string;
}

export interface Playable<Result> extends LoadName {
  readonly labKind: LabKind;
  /** Plays it and measures. */
  measure(stage: Stage): Promise<Result>;
}

export type Load = Playable<Row>;
