/** What a virtual TCP client says: a segment on its way to the wire. */
import type { Piece } from '../stream/outbox';

/** RFC 9293, section 3.7.1: what a peer that states no maximum segment size accepts. */
export const SEGMENT_BYTES_DEFAULT = 536;

export interface SynOptions {
  /** Bytes. */
  readonly maximumSegmentSize: number;
  readonly windowScale: number | undefined;
}

/** Lent to whoever it is given to, for the call: the next one is said in the same object. */
export interface OutgoingSegment {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly payload: Piece | undefined;
  readonly payloadStart: number;
  readonly payloadLength: number;
  /** On a SYN only. */
  readonly synOptions: SynOptions | undefined;
}
