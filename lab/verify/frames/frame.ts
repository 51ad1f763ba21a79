/** A frame of a capture, and the IP packet in it. */
import type { Address } from '../../../src/wire/address/address';
import type { SegmentView } from '../../../src/wire/segment';

/** A frame in a capture; borrowed for the call, as the next frame fills the same object. */
export interface Frame {
  /** Seconds since the epoch. */
  time: number;
  bytes: Uint8Array;
  offset: number;
  /** Bytes that the capture holds of it. */
  length: number;
  /** As pcap numbers them. */
  linkType: number;
  /** Where its IP header begins in `bytes`, of either family; -1 when it carries something else, or not all of that header. */
  ipOffset: number;
  /** Its TCP segment, when it has a whole header of one. */
  segment: SegmentView | undefined;
}

export interface IpPacket {
  /** Where its header begins. */
  readonly at: number;
  /** Where what was captured of it ends. */
  readonly end: number;
  readonly source: Address;
  readonly destination: Address;
  /** Of its upper layer; of a fragment but the first one, of what that begins with. */
  readonly protocol: number;
  /** Where that begins. */
  readonly payloadAt: number;
  readonly fragment: 'none' | 'first' | 'later';
}
