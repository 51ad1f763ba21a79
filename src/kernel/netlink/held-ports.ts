/**
 * Which ports programs of this machine hold, asked of the kernel over sock_diag(7): an answer of a moment ago about all of
 * a range, and one of now about each connection. A socket that is bound and not connected is told of by Linux 6.8 and later.
 */
import { performance } from 'node:perf_hooks';
import { familyOf, readAnyAddress, type Address } from '../../wire/address/address';
import { readU16, readU32, writeU16 } from '../../wire/big-endian';
import type { Endpoint } from '../../wire/flow';
import type { Route } from '../../wire/reply';
import type { Kernel } from '../kernel';
import { addressBytes, FAMILY_NUMBERS } from './rtnetlink';
import { attribute, MESSAGE_HEADER_BYTES, NETLINK_SOCK_DIAG, NetlinkError, NetlinkSocket } from './netlink';

/** linux/sock_diag.h, linux/inet_diag.h. */
const SOCK_DIAG_BY_FAMILY = 20;
const INET_DIAG_REQ_BYTECODE = 1;
const IPPROTO_TCP = 6;
const EVERY_STATE = 0xffff_ffff;

/** struct inet_diag_req_v2: family, protocol, extensions, padding, u32 states, and a struct inet_diag_sockid. */
const REQUEST_BYTES = 56;
const STATES_AT = 4;
/** struct inet_diag_sockid: ports and addresses in network order, interface, and a cookie of two words. */
const SOURCE_PORT_AT = 8;
const DESTINATION_PORT_AT = 10;
const SOURCE_AT = 12;
const DESTINATION_AT = 28;
const COOKIE_AT = 48;
/** INET_DIAG_NOCOOKIE, twice. */
const ANY_COOKIE = new Uint8Array(8).fill(0xff);
/** struct inet_diag_msg: family, state, timer, retransmissions, and the same struct follows. */
const ANSWERED_STATE_AT = MESSAGE_HEADER_BYTES + 1;
const ANSWERED_AT = MESSAGE_HEADER_BYTES + 4;
/** TCP_TIME_WAIT, TCP_CLOSE, TCP_LISTEN (include/net/tcp_states.h): nothing is said there. */
const SILENT_STATES = new Set([6, 7, 10]);

/** struct inet_diag_bc_op: u8 code, u8 bytes to the next if it holds, u16 the same if not; a port stands in one of its own. */
const SOURCE_AT_LEAST = 2;
const SOURCE_AT_MOST = 3;
const OPERATION_BYTES = 4;

const KNOWN_MAX_MS = 1000;

export class HeldPorts {
  readonly #socket: NetlinkSocket;
  #held: ReadonlySet<number>;
  #readAt_ms: number;

  /** @param first of the ports that matter @param last the same @throws NetlinkError when the kernel does not tell */
  constructor(
    kernel: Kernel,
    private readonly first: number,
    private readonly last: number,
  ) {
    this.#socket = new NetlinkSocket(kernel, NETLINK_SOCK_DIAG);
    this.#held = this.#read();
    this.#readAt_ms = performance.now();
  }

  /** Some program holds the port, whatever for; or has a connection from there to the server, at this moment. */
  isHeld(route: Route): boolean {
    const now_ms = performance.now();
    if (now_ms - this.#readAt_ms >= KNOWN_MAX_MS) {
      this.#readAt_ms = now_ms;
      this.#held = this.#readAgain();
    }
    return this.#held.has(route.clientPort) || this.#isConnected(route);
  }

  /** What programs have open from these ports to one of the servers. */
  connectionsTo(servers: readonly Endpoint[]): Route[] {
    const connections: Route[] = [];
    this.#dump((bytes, from) => {
      if (SILENT_STATES.has(bytes[from + ANSWERED_STATE_AT]!)) return;
      const serverPort = readU16(bytes, from + ANSWERED_AT + 2);
      const clientAddress = answeredAddress(bytes, from, SOURCE_AT);
      const serverAddress = answeredAddress(bytes, from, DESTINATION_AT);
      if (clientAddress === undefined || serverAddress === undefined) return;
      if (!servers.some(({ address, port }) => address === serverAddress && port === serverPort)) return;
      const clientPort = readU16(bytes, from + ANSWERED_AT);
      connections.push({ clientAddress, clientPort, serverAddress, serverPort });
    });
    return connections;
  }

  close(): void {
    this.#socket.close();
  }

  #isConnected({ clientAddress, clientPort, serverAddress, serverPort }: Route): boolean {
    const request = requestFor(FAMILY_NUMBERS[familyOf(serverAddress)]);
    writeU16(request, SOURCE_PORT_AT, clientPort);
    writeU16(request, DESTINATION_PORT_AT, serverPort);
    request.set(addressBytes(clientAddress), SOURCE_AT);
    request.set(addressBytes(serverAddress), DESTINATION_AT);
    return this.#socket.query('socket', SOCK_DIAG_BY_FAMILY, [request]) !== undefined;
  }

  #readAgain(): ReadonlySet<number> {
    try {
      return this.#read();
    } catch (failure) {
      // Such as ENOBUFS: what was known is better than nothing, and it is asked again.
      if (failure instanceof NetlinkError) return this.#held;
      throw failure;
    }
  }

  #read(): ReadonlySet<number> {
    const held = new Set<number>();
    this.#dump((bytes, from) => held.add(readU16(bytes, from + ANSWERED_AT)));
    return held;
  }

  #dump(visit: (bytes: Uint8Array, from: number) => void): void {
    // Sockets of IPv6 may speak IPv4 as well.
    for (const family of [FAMILY_NUMBERS[4], FAMILY_NUMBERS[6]]) {
      const body = [
        requestFor(family),
        attribute(INET_DIAG_REQ_BYTECODE, withinPorts(this.first, this.last)),
      ];
      this.#socket.dump('sockets', SOCK_DIAG_BY_FAMILY, body, visit);
    }
  }
}

/** @param field of a request's struct, which stands elsewhere in the answer; a socket of IPv6 has IPv4 mapped into it */
function answeredAddress(bytes: Uint8Array, from: number, field: number): Address | undefined {
  const at = from + ANSWERED_AT + field - SOURCE_PORT_AT;
  return bytes[from + MESSAGE_HEADER_BYTES] === FAMILY_NUMBERS[4]
    ? readU32(bytes, at)
    : readAnyAddress(bytes, at);
}

function requestFor(family: number): Uint8Array {
  const request = new Uint8Array(REQUEST_BYTES);
  request[0] = family;
  request[1] = IPPROTO_TCP;
  new DataView(request.buffer).setUint32(STATES_AT, EVERY_STATE, true);
  request.set(ANY_COOKIE, COOKIE_AT);
  return request;
}

/** A program for the kernel's filter of sockets: those whose own port is one of these. */
function withinPorts(first: number, last: number): Uint8Array {
  const bytes = new Uint8Array(4 * OPERATION_BYTES);
  const view = new DataView(bytes.buffer);
  const test = (at: number, code: number, port: number): void => {
    view.setUint8(at, code);
    view.setUint8(at + 1, 2 * OPERATION_BYTES);
    // Behind the end: the socket is none of them.
    view.setUint16(at + 2, bytes.length - at + OPERATION_BYTES, true);
    view.setUint16(at + OPERATION_BYTES + 2, port, true);
  };
  test(0, SOURCE_AT_LEAST, first);
  test(2 * OPERATION_BYTES, SOURCE_AT_MOST, last);
  return bytes;
}
