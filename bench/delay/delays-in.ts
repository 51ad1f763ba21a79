/** Reads delays from a capture: the copy keeps the client's address, port and sequence numbers. */
import { eachFrame } from '../../lab/verify/frames/frames';
import type { Scene } from '../../lab/verify/evidence/scene';
import { parseAddress } from '../../src/wire/address/address';
import { endpointKey } from '../../src/wire/flow';
import { seqDiff } from '../../src/wire/sequence';

export interface Delays {
  /** One for each segment with payload that was copied. */
  readonly samples_ms: readonly number[];
  /** Segments without a copy. */
  readonly uncopied: number;
  /** From the first segment to the last. */
  readonly span_ms: number;
}

interface Arrival {
  readonly sequence: number;
  /** Seconds since the epoch. */
  readonly time: number;
}

export function delaysIn(capture: Uint8Array, { online, test }: Scene): Delays {
  const [onlineAddress, testAddress] = [parseAddress(online.address), parseAddress(test.address)];
  /** By client: what arrived and has no copy yet, in order. */
  const waiting = new Map<number, Arrival[]>();
  const samples_ms: number[] = [];
  let first = Infinity;
  let last = -Infinity;
  eachFrame(capture, ({ segment, time }) => {
    if (!segment || segment.payloadLength === 0) return;
    const client = endpointKey(segment.source, segment.sourcePort);
    if (segment.destination === onlineAddress && segment.destinationPort === online.port) {
      const arrivals = waiting.get(client) ?? [];
      waiting.set(client, arrivals);
      // Seen again, it is a retransmission; its first arrival counts.
      if (arrivals.some(({ sequence }) => sequence === segment.sequence)) return;
      arrivals.push({ sequence: segment.sequence, time });
      first = Math.min(first, time);
      last = Math.max(last, time);
    } else if (segment.destination === testAddress && segment.destinationPort === test.port) {
      // A copy may carry several of the client's segments.
      const arrivals = waiting.get(client) ?? [];
      const behind = segment.sequence + segment.payloadLength;
      while (arrivals[0] && seqDiff(arrivals[0].sequence, behind) < 0) {
        samples_ms.push((time - arrivals.shift()!.time) * 1000);
      }
    }
  });
  const uncopied = [...waiting.values()].reduce((sum, arrivals) => sum + arrivals.length, 0);
  return { samples_ms, uncopied, span_ms: (last - first) * 1000 };
}
