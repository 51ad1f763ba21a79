/**
 * Routes and replies as they stand in a frame, big-endian: an address takes 16 bytes, that of IPv4 mapped into IPv6 (RFC 4291,
 * section 2.5.5.2), a route 36, a reply 56. They are read where they stand, one after the other into the same object: what a turn
 * brings costs no object each.
 */
import { readU16, readU32, writeU16, writeU32 } from '../wire/big-endian';
import { readAnyAddress, writeAnyAddress, type Address } from '../wire/address/address';
import { emptyReplyView, type Lent, type Reply, type Route } from '../wire/reply';
import { ControlError, type MessageKind } from './messages';

export const ADDRESS_BYTES = 16;
export const ROUTE_BYTES = 36;
export const REPLY_BYTES = 56;
/** Before the replies of a frame: since when their times are counted (f64, ms, of intercept's clock). */
export const SINCE_BYTES = 8;
/** A time is so many microseconds later at most. */
const LATER_MAX_US = 0xffff;
const NO_WINDOW_SCALE = 0xff;
/** RFC 7323, section 2.3. */
const WINDOW_SCALE_MAX = 14;

/** @throws ControlError */
export function readAddress(b: Uint8Array, o: number): Address {
  const address = readAnyAddress(b, o);
  if (address === undefined)
    throw new ControlError('malformed', 'it brings more IPv6 addresses than are told apart');
  return address;
}

/** How many records of a size stand in so many bytes. @throws ControlError where the last one is not whole */
export function recordsIn(length: number, size: number, kind: MessageKind): number {
  if (length % size !== 0)
    throw new ControlError('malformed', `${kind}: ${length} bytes are no whole records of ${size}`);
  return length / size;
}

export function writeRoute(b: Uint8Array, o: number, route: Route): void {
  writeAnyAddress(b, o, route.clientAddress);
  writeU16(b, o + 16, route.clientPort);
  writeAnyAddress(b, o + 18, route.serverAddress);
  writeU16(b, o + 34, route.serverPort);
}

type RouteView = { -readonly [Field in keyof Route]: Route[Field] };

function readRoute(view: RouteView, b: Uint8Array, o: number): void {
  view.clientAddress = readAddress(b, o);
  view.clientPort = readU16(b, o + 16);
  view.serverAddress = readAddress(b, o + 18);
  view.serverPort = readU16(b, o + 34);
}

/** The routes of a frame. Going through them with `for` gives objects of one's own. */
export class RouteRecords implements Lent<Route>, Iterable<Route> {
  readonly length: number;
  readonly #route = { clientAddress: 0, clientPort: 0, serverAddress: 0, serverPort: 0 };

  /** @param bytes borrowed for as long as the routes are @throws ControlError */
  constructor(
    private readonly bytes: Uint8Array,
    kind: MessageKind,
  ) {
    this.length = recordsIn(bytes.length, ROUTE_BYTES, kind);
  }

  /** @throws ControlError */
  at(index: number): Route {
    readRoute(this.#route, this.bytes, index * ROUTE_BYTES);
    return this.#route;
  }

  *[Symbol.iterator](): Generator<Route, void, void> {
    for (let index = 0; index < this.length; index += 1) yield { ...this.at(index) };
  }
}

const since = new Float64Array(1);
const sinceBytes = new Uint8Array(since.buffer);

/** Without a DataView of its own: that would be an object for each frame. Little-endian machines only (src/kernel/libc). */
export function writeSince(b: Uint8Array, o: number, since_ms: number): void {
  since[0] = since_ms;
  for (let at = 0; at < SINCE_BYTES; at += 1) b[o + at] = sinceBytes[SINCE_BYTES - 1 - at]!;
}

function readSince(b: Uint8Array, o: number): number {
  for (let at = 0; at < SINCE_BYTES; at += 1) sinceBytes[SINCE_BYTES - 1 - at] = b[o + at]!;
  return since[0]!;
}

/** Whether a reply's time can be told in a frame whose times are counted from there. */
export const isTellable = ({ at_ms }: Reply, since_ms: number): boolean =>
  at_ms >= since_ms && (at_ms - since_ms) * 1000 <= LATER_MAX_US;

/** @param since_ms as it stands before the replies of the frame */
export function writeReply(b: Uint8Array, o: number, reply: Reply, since_ms: number): void {
  writeRoute(b, o, reply);
  writeU32(b, o + 36, reply.sequence);
  writeU32(b, o + 40, reply.acknowledgment);
  b[o + 44] = reply.flags;
  b[o + 45] = reply.windowScale ?? NO_WINDOW_SCALE;
  writeU16(b, o + 46, reply.window);
  writeU32(b, o + 48, reply.payloadLength);
  writeU16(b, o + 52, reply.maximumSegmentSize ?? 0);
  writeU16(b, o + 54, Math.min(LATER_MAX_US, Math.round((reply.at_ms - since_ms) * 1000)));
}

/** The replies of a frame, with the time before them. Going through them with `for` gives objects of one's own. */
export class ReplyRecords implements Lent<Reply>, Iterable<Reply> {
  readonly length: number;
  readonly #since_ms: number;
  readonly #reply = emptyReplyView();

  /** @param bytes borrowed for as long as the replies are @throws ControlError */
  constructor(private readonly bytes: Uint8Array) {
    if (bytes.length < SINCE_BYTES) throw new ControlError('malformed', 'replies have no time');
    this.length = recordsIn(bytes.length - SINCE_BYTES, REPLY_BYTES, 'replies');
    this.#since_ms = readSince(bytes, 0);
  }

  /** @throws ControlError */
  at(index: number): Reply {
    const b = this.bytes;
    const o = SINCE_BYTES + index * REPLY_BYTES;
    const reply = this.#reply;
    readRoute(reply, b, o);
    reply.sequence = readU32(b, o + 36);
    reply.acknowledgment = readU32(b, o + 40);
    reply.flags = b[o + 44]!;
    const scale = b[o + 45]!;
    reply.windowScale = scale === NO_WINDOW_SCALE ? undefined : Math.min(scale, WINDOW_SCALE_MAX);
    reply.window = readU16(b, o + 46);
    reply.payloadLength = readU32(b, o + 48);
    const segment_bytes = readU16(b, o + 52);
    reply.maximumSegmentSize = segment_bytes === 0 ? undefined : segment_bytes;
    reply.at_ms = this.#since_ms + readU16(b, o + 54) / 1000;
    return reply;
  }

  *[Symbol.iterator](): Generator<Reply, void, void> {
    for (let index = 0; index < this.length; index += 1) yield { ...this.at(index) };
  }
}
