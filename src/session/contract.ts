/**
 * What the session engine and its shell promise each other. The engine does no I/O: the shell feeds it captured
 * segments, replies and the clock, and carries out what it asks for.
 */
import type { Address, Family } from '../wire/address/address';
import type { PortRange } from '../passlist/port-range';
import type { Route } from '../wire/reply';
import type { Share } from '../wire/tables/share';

/** What the engine asks of its shell, during the call that caused it. */
export interface EngineOutputs {
  /** Inject a packet of `length` bytes from the start of `packet`; the bytes are borrowed for the call. */
  send(packet: Uint8Array, length: number, destination: Address): void;
  /** Tell intercept that replies of this connection are ours. Comes before the connection's first `send`. */
  register(route: Route, copied: Copied): void;
  /** The connection's copy is over; nothing will be sent on it any more. */
  unregister(route: Route): void;
  /** The same, but the test server may hold the connection still: what it holds is to be buried. */
  abandon(route: Route): void;
  /** The test server has ended the connection of requests that it had not answered: they may have been carried out. */
  doubtful?(requests: DoubtfulRequests): void;
  /**
   * The test server has answered a request: so long after its last byte had gone out came the first and the last payload of
   * the answer. Told when the answer is known to be over: at the client's next request, or when the connection ends.
   */
  answered?(transfer: Transfer, first_ms: number, last_ms: number): void;
  /** A subflow (RFC 8684) joins a connection that is not known here: another worker may have it. */
  joinsUnknown?(token: number): void;
  /** Whether a program of this machine holds this port of its own address, or is connected from there already. */
  isHeld?(route: Route): boolean;
}

/** Which client's connection a copy is of. */
export interface Copied {
  readonly clientAddress: Address;
  readonly clientPort: number;
  /** Which of several copies of it, from 0. */
  readonly copy: number;
}

/** Words of one client, as it said them to the online server. */
export interface DoubtfulRequests {
  readonly clientAddress: number;
  readonly clientPort: number;
  readonly count: number;
  /** The client's sequence number of their first byte. */
  readonly sequence: number;
  readonly bytes: number;
}

/** One `-x` transfer, resolved. */
export interface Transfer {
  /** Undefined when every local address is copied. */
  readonly onlineAddress: Address | undefined;
  /** Of the clients that are copied; undefined for both. */
  readonly onlineFamily?: Family;
  readonly onlinePort: number;
  readonly testAddress: Address;
  readonly testPort: number;
}

/** Addresses that programs of this machine use as well: copies have one range of their ports. */
export interface OwnSources {
  /** Host order. */
  readonly addresses: readonly number[];
  readonly ports: PortRange;
}

export interface EngineOptions {
  readonly transfers: readonly Transfer[];
  /** Largest packet that the path to the test servers takes. Default 1500. */
  readonly mtu_bytes?: number;
  /** Segment size that the SYN of a joined connection states. Default 1460. */
  readonly segment_bytes?: number;
  /** A session whose client is silent for longer is given up. Default `response_ms` and 120,000 more. */
  readonly idle_ms?: number;
  /** The copy of a client that is gone waits for so long for an answer. Default 600,000. */
  readonly response_ms?: number;
  /** More sessions at once are refused and counted. Default 100,000. */
  readonly sessions_max?: number;
  /** What all sessions may hold. Default 2 GiB. */
  readonly memory_bytes?: number;
  /** False: requests go out as they were captured, without waiting for answers. Default true. */
  readonly waitForAnswers?: boolean;
  /** True: connections whose SYN was not seen are not joined, and none goes on in a new one. Default false. */
  readonly wholeConnectionsOnly?: boolean;
  /** Words that have waited for longer are given up. Default: they wait. */
  readonly lateMax_ms?: number;
  /** True: what may have been carried out already is said again. Default false. */
  readonly repeatsDoubtful?: boolean;
  /** Of all connections, 1 to 100. Default 100. */
  readonly percentage?: number;
  /** Begin with one percent, and add one each second. Default false. */
  readonly gradual?: boolean;
  /** Copies of each connection. Default 1. */
  readonly copies?: number;
  /** 0 to 1023: keeps the source ports of several instances at one test server apart. Default 0. */
  readonly portShift?: number;
  /** Addresses that copies speak from. Default: the clients' own. */
  readonly sourceAddresses?: readonly number[];
  /** Of these, what the machine that copies has itself. */
  readonly own?: OwnSources;
  /** Address that stands for clients of the loopback range. */
  readonly loopbackAddress?: number;
  /** Of several engines that copy side by side: clients whose connections are this one's. Default: all. */
  readonly share?: Share;
}
