/** The requests that a capture shows being delivered to a server. */
import { createHash } from 'node:crypto';
import type { Protocol } from '../../load/requests/schedule';
import { framedStreams, type FramedRequest, type FramedStream } from './framing/framed-streams';
import { redisCommandName } from './framing/redis-framing';
import type { Endpoint } from '../frames/streams';

export interface ObservedRequest extends Omit<FramedRequest, 'bytes'> {
  /** Undefined when the request carries none of this run. */
  readonly identity: string | undefined;
  /** Of Redis commands, in lower case. */
  readonly command: string | undefined;
  readonly digest: string;
  /** Bytes. */
  readonly length: number;
}

/** One connection, its requests in the order of delivery. */
export interface ObservedConnection extends Omit<FramedStream, 'stream' | 'requests'> {
  /** The client's. */
  readonly initialSequence: number;
  readonly requests: readonly ObservedRequest[];
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
  return framedStreams(capture, server, protocol).map(({ stream, requests, ...framed }) => ({
    ...framed,
    initialSequence: stream.initialSequence,
    cutOff: !stream.ended,
    requests: requests.map(({ bytes, ...request }) => ({
      ...request,
      identity: pattern.exec(bytes.toString('latin1', 0, IDENTITY_WITHIN_BYTES))?.[0],
      command: protocol === 'redis' ? redisCommandName(bytes) : undefined,
      digest: digestOf(bytes),
      length: bytes.length,
    })),
  }));
}
