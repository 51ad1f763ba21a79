/** Every stream that clients sent to one server port, found in a capture. */
import { ACK, FIN, RST, SYN } from '../../../src/wire/tcp';
import { endpointKey } from '../../../src/wire/flow';
import { seqAdd } from '../../../src/wire/sequence';
import { eachFrame, type Depth, type Frame } from './frames';
import { Stream } from './stream';

export interface Endpoint {
  /** Host order. */
  readonly address: number;
  readonly port: number;
}

export interface ClientStream {
  /** Host order. */
  readonly clientAddress: number;
  readonly clientPort: number;
  readonly stream: Stream;
  /** When its SYN was seen, seconds since the epoch. */
  readonly begun_s: number;
}

/** In the order of their SYNs. Connections whose SYN is not in the capture are left out. */
export function streamsTo(capture: Uint8Array, server: Endpoint, depth?: Depth): ClientStream[] {
  const found: ClientStream[] = [];
  const open = new Map<number, Stream>();
  const visit = ({ segment, offset, length, time }: Frame): void => {
    if (segment?.destination !== server.address || segment.destinationPort !== server.port) return;
    const key = endpointKey(segment.source, segment.sourcePort);
    const { flags, sequence } = segment;
    let stream = open.get(key);
    const opens = flags & SYN && !(flags & ACK);
    // A SYN that is sent again after a reset opens another connection, with the same number.
    if (opens && (stream === undefined || stream.closed || stream.initialSequence !== sequence)) {
      stream = new Stream(sequence);
      open.set(key, stream);
      found.push({ clientAddress: segment.source, clientPort: segment.sourcePort, stream, begun_s: time });
    }
    if (!stream) return;
    const end = Math.min(offset + length, segment.payloadOffset + segment.payloadLength);
    // A SYN takes a sequence number of its own, before the data that it may carry (RFC 7413).
    const first = flags & SYN ? seqAdd(sequence, 1) : sequence;
    stream.segment(first, segment.bytes.subarray(segment.payloadOffset, end));
    if (flags & FIN) stream.ended = true;
    if (flags & RST) stream.reset(sequence);
  };
  eachFrame(capture, visit, depth);
  return found;
}
