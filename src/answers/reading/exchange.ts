/** What a client asked, what a server answered, and when: the same for both sides, whatever the protocol. */
import type { Body } from './body';
import type { RedisValue } from './resp';

export type Protocol = 'http' | 'redis' | 'bytes';

export type Header = readonly [name: string, value: string];

export interface HttpRequest {
  readonly protocol: 'http';
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Body;
}

export interface RedisRequest {
  readonly protocol: 'redis';
  /** The command and its arguments, each cut to what is kept. */
  readonly words: readonly string[];
}

/** What a client says between two turns of its server. */
export interface BytesRequest {
  readonly protocol: 'bytes';
  readonly body: Body;
}

export type Request = HttpRequest | RedisRequest | BytesRequest;

export interface HttpResponse {
  readonly protocol: 'http';
  readonly status: number;
  readonly headers: readonly Header[];
  /** As it was sent, without the chunks' frames (RFC 9112, section 7.1). */
  readonly body: Body;
}

export interface RedisResponse {
  readonly protocol: 'redis';
  readonly value: RedisValue;
}

/** Of an unknown protocol, or what of another one could not be read. */
export interface BytesResponse {
  readonly protocol: 'bytes';
  readonly body: Body;
}

export type Response = HttpResponse | RedisResponse | BytesResponse;

/**
 * `whole`: to its end. `cut-off`: it broke off. `unreadable`: it is none by its protocol. `none`: nothing came. `open`: nothing,
 * or not all of it, came before the capture ended, and it might have.
 */
export type Outcome = 'whole' | 'cut-off' | 'unreadable' | 'none' | 'open';

export interface Exchange {
  /** The client's end, as `address:port`. */
  readonly client: string;
  readonly request: Request;
  /** SHA-256 of the request's bytes, hexadecimal. */
  readonly digest: string;
  /** TCP sequence number of its first byte. */
  readonly sequence: number;
  readonly outcome: Outcome;
  /** Undefined where nothing came. */
  readonly response: Response | undefined;
  /** Seconds since the epoch: the last byte of the request, as it was captured. */
  readonly requested_s: number;
  /** The first and the last byte of the response; undefined where there are none. */
  readonly first_s: number | undefined;
  readonly last_s: number | undefined;
  /** Of that the server was silent so long in the middle of the response, for the sake of its client. */
  readonly waited_s: number;
  /** Of the first one of its connection: how long the server's kernel seems to have taken to accept that, if it was seen. */
  readonly accepted_s?: number;
  /** Its response was let go of, but for its digest, as too much waited. */
  readonly shortened?: true;
}

/** All that a reader knows of one; who has the connection knows the rest. */
export interface ReadExchange extends Omit<Exchange, 'client' | 'sequence' | 'waited_s' | 'accepted_s'> {
  /** Bytes of the client's stream before it. */
  readonly offset: number;
}

/** Reads both streams of a connection, in the order in which their bytes were captured; these are lent for the call. */
export interface Reader {
  request(bytes: Buffer, time_s: number): void;
  response(bytes: Buffer, time_s: number): void;
  /**
   * Nothing more comes.
   *
   * @param closed the server has ended its stream in order: a response without a length is whole then
   * @param mightCome whether what was asked at that time may still be answered, for all that is known
   */
  end(closed: boolean, mightCome: (requested_s: number) => boolean): void;
  /** Why what follows is not read: an error in the client's stream, or another protocol from here on. */
  readonly gaveUp: string | undefined;
}

/** What it keeps of bodies. */
export interface Kept {
  readonly response_bytes: number;
  readonly request_bytes: number;
}

/** Bytes that stay in memory for it, about. */
export function heldBytes({ request, response }: Exchange): number {
  let held = 1024;
  if (request.protocol !== 'redis') held += request.body.kept.length;
  if (response?.protocol === 'redis') held += response.value.held_bytes;
  else if (response) held += response.body.kept.length;
  return held;
}
