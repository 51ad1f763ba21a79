/**
 * What `intercept` learns from the headers of one response segment and tells `tcpcopy`.
 *
 * The client is the address that the response was addressed to: a real client's, as the copy impersonates it.
 * Options other than a SYN's maximum segment size and window scale are not carried: the copy negotiates no others.
 */
export interface Reply {
  /** Addresses in host order. */
  readonly clientAddress: number;
  readonly clientPort: number;
  readonly serverAddress: number;
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
}

/** A copied connection as intercept must know it: replies from `server` to `client` belong to who registered it. */
export interface Route {
  /** Addresses in host order. */
  readonly clientAddress: number;
  readonly clientPort: number;
  readonly serverAddress: number;
  readonly serverPort: number;
}
