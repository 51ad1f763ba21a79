/**
 * What the session engine and its shell promise each other. The engine does no I/O: the shell feeds it captured
 * segments, replies and the clock, and carries out what it asks for.
 */
import type { Route } from '../wire/reply';

/** What the engine asks of its shell, during the call that caused it. */
export interface EngineOutputs {
  /** Inject an IPv4 packet of `length` bytes from the start of `packet`; the bytes are borrowed for the call. */
  send(packet: Uint8Array, length: number): void;
  /** Tell intercept that replies of this connection are ours. Comes before the connection's first `send`. */
  register(route: Route): void;
  /** The connection's copy is over; nothing will be sent on it any more. */
  unregister(route: Route): void;
}

/** One `-x` transfer, resolved. */
export interface Transfer {
  /** Host order; undefined when every local address is copied. */
  readonly onlineAddress: number | undefined;
  readonly onlinePort: number;
  /** Host order. */
  readonly testAddress: number;
  readonly testPort: number;
}
