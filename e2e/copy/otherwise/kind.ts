/** A kind of test server: how both servers and the clients behave, and what is to come of it. */
import type { ClientManner, ServerManner } from './tasks';

export interface Kind {
  /** In requests' names. */
  readonly name: string;
  /** What the test server does. */
  readonly does: string;
  readonly port: number;
  readonly online: ServerManner;
  readonly test: ServerManner;
  readonly client: ClientManner;
  readonly expects: Expectation;
  /** Of the packets to it a share is lost. */
  readonly isLossy: boolean;
}

export interface Expectation {
  /** How long behind the online server the test server may have heard a request. Default 3 s. */
  readonly behindMax_ms?: number;
  /**
   * Requests that may be in doubt. `none`, the default. `lost`: those that are missing, and no others. `undecided`: those
   * as well that the test server carried out when it died, one each time.
   */
  readonly doubtful?: 'none' | 'lost' | 'undecided';
  /** Share of the requests that may be missing, all of them in doubt. Default: half. */
  readonly lostMax?: number;
  /** Share of the requests that may come in the middle of the answer before; from the middle of the load on. */
  readonly earlyMax?: number;
  /** How long behind the online server the test server may have connections open. */
  readonly closesWithin_ms?: number;
  /** Connections that the test server may be asked for, for each of the clients'. */
  readonly connectionsMax?: number;
  /** Every answer could be given to its end: no connection had ended before. */
  readonly isAnswered?: true;
}
