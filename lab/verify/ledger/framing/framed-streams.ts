/** What clients said to a server, request by request, and what of it they said again on their next connection. */
import type { Protocol } from '../../../load/requests/schedule';
import { formatEndpoint } from '../../../../src/wire/flow';
import type { Depth } from '../../frames/frames';
import type { Stream } from '../../frames/stream';
import { streamsTo, type Endpoint } from '../../frames/streams';
import { frameRequests } from './framing';

export interface FramedStream {
  /** The client's end, as `address:port`. */
  readonly client: string;
  readonly stream: Stream;
  readonly requests: readonly FramedRequest[];
  /** Bytes that are no request. */
  readonly strangeBytes: number;
  /** Bytes of a last request that is not whole. */
  readonly incompleteBytes: number;
  /** The next connection of the same end begins with that request as well, as with what `comesAgain`. */
  readonly tailComesAgain: boolean;
}

export interface FramedRequest {
  /** In the stream, bytes. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** It stands at the end of a connection that its client did not end, and the next one of the same end begins with it. */
  readonly comesAgain: boolean;
}

/** In the order of their SYNs. */
export function framedStreams(
  capture: Uint8Array,
  server: Endpoint,
  protocol: Protocol,
  depth?: Depth,
): FramedStream[] {
  const next = new Map<string, Buffer>();
  return streamsTo(capture, server, depth)
    .toReversed()
    .map(({ clientAddress, clientPort, stream }) => {
      const client = formatEndpoint(clientAddress, clientPort);
      const bytes = stream.bytes();
      const { requests, strangeBytes, incompleteBytes } = frameRequests(bytes, protocol);
      const again = stream.ended ? undefined : next.get(client);
      next.set(client, bytes);
      let at = 0;
      const offsets = requests.map(({ length }) => (at += length) - length);
      const from = again ? firstThatComesAgain(bytes, [...offsets, at], again) : Infinity;
      return {
        client,
        stream,
        strangeBytes,
        incompleteBytes,
        tailComesAgain: incompleteBytes > 0 && from < Infinity,
        requests: requests.map((request, index) => ({
          offset: offsets[index]!,
          bytes: request,
          comesAgain: offsets[index]! >= from,
        })),
      };
    })
    .toReversed();
}

/** @returns the first of the offsets from which on all is what `next` begins with, or Infinity */
function firstThatComesAgain(bytes: Buffer, offsets: readonly number[], next: Buffer): number {
  const found = offsets.find((at) => {
    const length = bytes.length - at;
    return length > 0 && length <= next.length && next.compare(bytes, at, bytes.length, 0, length) === 0;
  });
  return found ?? Infinity;
}
