/** What the two programs tell each other of connections that are copied. */
import type { Address } from './address/address';

/**
 * What `intercept` learns from the headers of one response segment and tells `tcpcopy`.
 *
 * The client is the address that the response was addressed to: a real client's, as the copy impersonates it.
 * Options other than a SYN's maximum segment size and window scale are not carried: the copy negotiates no others.
 */
export interface Reply {
  readonly clientAddress: Address;
  readonly clientPort: number;
  readonly serverAddress: Address;
  readonly serverPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** Unscaled. */
  readonly window: number;
  /** Bytes. */
  readonly payloadLength: number;
  /** From a SYN's options, else undefined. */
  readonly maximumSegmentSize: number | undefined;
  readonly windowScale: number | undefined;
  /**
   * When it came to `intercept`, by `intercept`'s clock, which only goes forward: the kernel's time of it, where that has one; else
   * between two looks at what had come. NaN where it is not known.
   */
  readonly at_ms: number;
}

/** A copied connection as intercept must know it: replies from `server` to `client` belong to who registered it. */
export interface Route {
  readonly clientAddress: Address;
  readonly clientPort: number;
  readonly serverAddress: Address;
  readonly serverPort: number;
}

/** A reply whose fields are filled again for the next one: it is borrowed for a call. */
export type ReplyView = { -readonly [Field in keyof Reply]: Reply[Field] };

export const emptyReplyView = (): ReplyView => ({
  clientAddress: 0,
  clientPort: 0,
  serverAddress: 0,
  serverPort: 0,
  sequence: 0,
  acknowledgment: 0,
  flags: 0,
  window: 0,
  payloadLength: 0,
  maximumSegmentSize: undefined,
  windowScale: undefined,
  at_ms: NaN,
});

/** A list whose items may be one object that stands for each in turn: what `at` gives is borrowed until it is asked again. */
export interface Lent<T> {
  readonly length: number;
  at(index: number): T | undefined;
}
