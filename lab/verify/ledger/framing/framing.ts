/** Where the requests begin and end within a client's stream. */
import type { Protocol } from '../../../load/requests/schedule';
import { httpRequestLength } from './http-framing';
import { redisCommandLength } from './redis-framing';

/** Length in bytes of the request at `at`: undefined while it is not whole, -1 when no request begins there. */
export type RequestLength = (bytes: Buffer, at: number) => number | undefined;

const requestLength: Record<Protocol, RequestLength> = { http: httpRequestLength, redis: redisCommandLength };

export interface Framed {
  readonly requests: readonly Buffer[];
  /** Bytes of a last request that is not whole. */
  readonly incompleteBytes: number;
  /** Bytes that are no request; nothing behind them can be told apart. */
  readonly strangeBytes: number;
}

export function frameRequests(bytes: Buffer, protocol: Protocol): Framed {
  const requests: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = requestLength[protocol](bytes, at);
    if (length === undefined) return { requests, incompleteBytes: bytes.length - at, strangeBytes: 0 };
    if (length < 0) return { requests, incompleteBytes: 0, strangeBytes: bytes.length - at };
    requests.push(bytes.subarray(at, at + length));
    at += length;
  }
  return { requests, incompleteBytes: 0, strangeBytes: 0 };
}
