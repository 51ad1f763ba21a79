/** A load: something that clients do, and what must have come of it. */
import type { Latency } from '../latency';
import type { Row } from '../row';
import type { Stage } from '../stage';

/** Which servers it is for; each has a lab of its own. */
export type LabKind = 'http' | 'http2' | 'redis';

export interface Load {
  /** What it is called on the command line. */
  readonly id: string;
  readonly title: string;
  readonly labKind: LabKind;
  /** Requests at test in the C original 0.9.10 with NFQUEUE, 1.2 with data link, 1.2 with pcap capture. */
  readonly original?: string;
  /** Plays it and measures. */
  measure(stage: Stage): Promise<Row>;
}

/** What a client tells of its part. */
export interface Played {
  readonly requests: number;
  readonly seconds: number;
  /** From a request to its answer, as the client sees it; undefined where it does not tell. */
  readonly latency?: Latency | undefined;
}
