/** What a leaked frame is, in one word. */
import { ACK, FIN, RST, SYN } from '../../../src/wire/tcp';
import type { SegmentView } from '../../../src/wire/segment';
import type { IcmpMeaning } from '../frames/icmp-error';

export type LeakName =
  | 'data'
  | 'retransmission'
  | 'syn'
  | 'syn-ack'
  | 'fin'
  | 'reset'
  | 'acknowledgment'
  | 'fragment'
  | 'icmp-unreachable'
  | 'icmp-redirect'
  | 'icmp-time-exceeded'
  | 'icmp-error'
  /** What a fence ought to have kept in. */
  | 'outside-call';

/** Names segments in the order in which they are seen: payload that was seen before is a retransmission. */
export class SegmentNames {
  readonly #seen = new Set<string>();

  nameOf(segment: SegmentView): LeakName {
    const { flags } = segment;
    if ((flags & RST) !== 0) return 'reset';
    if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? 'syn-ack' : 'syn';
    if ((flags & FIN) !== 0) return 'fin';
    if (segment.payloadLength === 0) return 'acknowledgment';
    const { destination, destinationPort, sequence, payloadLength } = segment;
    const key = `${destination}:${destinationPort} ${sequence} ${payloadLength}`;
    if (this.#seen.has(key)) return 'retransmission';
    this.#seen.add(key);
    return 'data';
  }
}

/** Of an ICMP error. */
export const icmpName = (meaning: IcmpMeaning): LeakName =>
  meaning === 'other' ? 'icmp-error' : `icmp-${meaning}`;
