/** The requests that a capture shows being delivered to a server. */
import { createHash } from 'node:crypto';
import type { Protocol } from '../../load/schedule';
import { framedStreams } from './framed-streams';
import { redisCommandName } from './redis-framing';
import type { Endpoint } from '../frames/streams';

export interface ObservedRequest {
  /** Undefined when the request carries none of this run. */
  readonly identity: string | undefined;
  /** Of Redis commands, in lower case. */
  readonly command: string | undefined;
  readonly digest: string;
  /** In its connection's stream. Bytes, as is its length. */
  readonly offset: number;
  readonly length: number;
  /** It stands at the end of a connection that its client did not end, and the next one of the same end begins with it. */
  readonly comesAgain: boolean;
}

/** One connection, its requests in the order of delivery. */
export interface ObservedConnection {
  /** The client's end, as `address:port`. */
  readonly client: string;
  /** The client's. */
  readonly initialSequence: number;
  readonly requests: readonly ObservedRequest[];
  /** Bytes that are no request. */
  readonly strangeBytes: number;
  /** Bytes of a last request that is not whole. */
  readonly incompleteBytes: number;
  /** The next connection of the same end begins with the request that is not whole here, as with what `comesAgain`. */
  readonly tailComesAgain: boolean;
  /** The client never closed: the answer to its last request may never have been taken. */
  readonly cutOff: boolean;
}

/** Of this run, and not sent to the test server directly. */
export function isCopied(request: ObservedRequest): request is ObservedRequest & { identity: string } {
  return request.identity?.startsWith('lab/') ?? false;
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

/** The identity stands in the request line or the key, and so near the beginning. */
const IDENTITY_WITHIN_BYTES = 512;

export function observe(
  capture: Uint8Array,
  server: Endpoint,
  protocol: Protocol,
  run: string,
): ObservedConnection[] {
  const pattern = new RegExp(`(?:lab|direct)/${run}/\\d+-\\d+`);
  return framedStreams(capture, server, protocol).map(
    ({ client, stream, requests, strangeBytes, incompleteBytes, tailComesAgain }) => ({
      client,
      initialSequence: stream.initialSequence,
      strangeBytes,
      incompleteBytes,
      tailComesAgain,
      cutOff: !stream.ended,
      requests: requests.map(({ offset, bytes, comesAgain }) => ({
        identity: pattern.exec(bytes.toString('latin1', 0, IDENTITY_WITHIN_BYTES))?.[0],
        command: protocol === 'redis' ? redisCommandName(bytes) : undefined,
        digest: digestOf(bytes),
        offset,
        length: bytes.length,
        comesAgain,
      })),
    }),
  );
}
