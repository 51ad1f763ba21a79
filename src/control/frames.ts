/**
 * Messages as bytes. A frame is a length (u32, of what follows it), a type (u8) and a body; all integers are
 * big-endian. An endpoint takes 18 bytes, a range of an address's ports 20; routes and replies stand in `records`. Replies of a
 * frame have one time (f64, ms) before them that theirs are counted from, in microseconds.
 */
import type { OwnCopies, PasslistEntries } from '../passlist/passlist';
import { readU16, readU32, writeU16, writeU32 } from '../wire/big-endian';
import { LengthPrefixed } from '../wire/length-prefixed';
import { writeAnyAddress } from '../wire/address/address';
import type { Endpoint } from '../wire/flow';
import type { GuardLevel } from '../wire/guard';
import { ALONE, type Share } from '../wire/tables/share';
import {
  ControlError,
  PROTOCOL_VERSION,
  PURPOSES,
  type Message,
  type MessageKind,
  type Purpose,
} from './messages';
import {
  ADDRESS_BYTES,
  readAddress,
  recordsIn,
  REPLY_BYTES,
  ReplyRecords,
  ROUTE_BYTES,
  RouteRecords,
  SINCE_BYTES,
  writeReply,
  writeRoute,
  writeSince,
} from './records';

/** Longest frame behind its length field; a peer that announces a longer one is not ours. */
export const FRAME_MAX_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;
const TYPE_BYTES = 1;
export const FRAME_HEADER_BYTES = LENGTH_BYTES + TYPE_BYTES;

/** "TCPC". */
const MAGIC = 0x54435043;
const GREETING_BYTES = 4 + 2 + 8;
/** Of a welcome, behind the greeting: which worker (u8), and of how many (u8). */
const PART_BYTES = 2;
/** Of a hello, behind the greeting. */
const PURPOSE_BYTES = 1;
const OWN_COPIES_BYTES = ADDRESS_BYTES + 2 + 2;
const ENDPOINT_BYTES = ADDRESS_BYTES + 2;
/** More transfers than any command line has; they must fit into one frame. */
export const ENDPOINTS_MAX = 3000;
const PROVE_BYTES = 4;
/** Of a guard message: level (u8), question (u32), when that was heard, when the guard stood so and when that is said (f64 each, ms). */
const GUARD_BYTES = 1 + 4 + 8 + 8 + 8;
const GUARD_LEVELS: readonly GuardLevel[] = ['disarmed', 'armed', 'suspended'];
const TEXT_MAX_BYTES = 1024;

const TYPES: Readonly<Record<MessageKind, number>> = {
  hello: 1,
  welcome: 2,
  refuse: 3,
  register: 4,
  unregister: 5,
  replies: 6,
  guard: 7,
  heartbeat: 8,
  unroutable: 9,
  abandon: 10,
  prove: 11,
  hurry: 12,
  compare: 13,
  seen: 14,
};
const KINDS = new Map(Object.entries(TYPES).map(([kind, type]) => [type, kind as MessageKind]));

/** The whole frame of a message. Lists longer than a frame holds are an error of the caller. */
export function encodeFrame(message: Message): Uint8Array {
  const body = encodeBody(message);
  const length = TYPE_BYTES + body.length;
  if (length > FRAME_MAX_BYTES)
    throw new Error(`a ${message.kind} of ${length} bytes is longer than a frame`);
  const frame = new Uint8Array(LENGTH_BYTES + length);
  beginFrame(frame, 0, message.kind);
  setFrameLength(frame, 0, frame.length);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/** Writes the head of a frame whose length is not known yet. @returns how long the head is */
export function beginFrame(b: Uint8Array, o: number, kind: MessageKind): number {
  b[o + LENGTH_BYTES] = TYPES[kind];
  return FRAME_HEADER_BYTES;
}

export const setFrameLength = (b: Uint8Array, o: number, end: number): void =>
  writeU32(b, o, end - o - LENGTH_BYTES);

function encodeBody(message: Message): Uint8Array {
  switch (message.kind) {
    case 'hello': {
      const endpoints = [message.called, ...message.endpoints];
      const body = encodeGreeting(message, PURPOSE_BYTES + endpoints.length * ENDPOINT_BYTES);
      body[GREETING_BYTES] = PURPOSES.indexOf(message.purpose);
      endpoints.forEach((endpoint, index) =>
        writeEndpoint(body, GREETING_BYTES + PURPOSE_BYTES + index * ENDPOINT_BYTES, endpoint),
      );
      return body;
    }
    case 'welcome':
      return encodeWelcome(message);
    case 'refuse':
      return text(message.reason);
    case 'register':
    case 'unregister':
    case 'abandon':
    case 'compare':
    case 'unroutable': {
      const routes = [...message.routes];
      const body = new Uint8Array(routes.length * ROUTE_BYTES);
      routes.forEach((route, index) => writeRoute(body, index * ROUTE_BYTES, route));
      return body;
    }
    case 'replies': {
      const replies = [...message.replies];
      const body = new Uint8Array(SINCE_BYTES + replies.length * REPLY_BYTES);
      const since_ms = Math.min(...replies.map(({ at_ms }) => at_ms));
      writeSince(body, 0, since_ms);
      replies.forEach((reply, index) => writeReply(body, SINCE_BYTES + index * REPLY_BYTES, reply, since_ms));
      return body;
    }
    case 'guard':
      return encodeGuard(message);
    case 'prove': {
      const body = new Uint8Array(PROVE_BYTES);
      writeU32(body, 0, message.number);
      return body;
    }
    case 'seen':
      return message.records;
    case 'heartbeat':
    case 'hurry':
      return new Uint8Array(0);
  }
}

/** Behind the greeting: the part, how many addresses (u16), these, and ranges of ports of some of them. */
function encodeWelcome(welcome: Message & { kind: 'welcome' }): Uint8Array {
  const { addresses, ownCopies } = welcome.passlist;
  const passlist_bytes = 2 + addresses.length * ADDRESS_BYTES + ownCopies.length * OWN_COPIES_BYTES;
  const body = encodeGreeting(welcome, PART_BYTES + passlist_bytes);
  body[GREETING_BYTES] = welcome.part.index;
  body[GREETING_BYTES + 1] = welcome.part.count;
  writeU16(body, GREETING_BYTES + PART_BYTES, addresses.length);
  let at = GREETING_BYTES + PART_BYTES + 2;
  for (const address of addresses) {
    writeAnyAddress(body, at, address);
    at += ADDRESS_BYTES;
  }
  for (const { address, ports } of ownCopies) {
    writeAnyAddress(body, at, address);
    writeU16(body, at + ADDRESS_BYTES, ports.first);
    writeU16(body, at + ADDRESS_BYTES + 2, ports.last);
    at += OWN_COPIES_BYTES;
  }
  return body;
}

function encodeGuard({ level, stood, reason }: Message & { kind: 'guard' }): Uint8Array {
  const said = text(reason);
  const body = new Uint8Array(GUARD_BYTES + said.length);
  const view = new DataView(body.buffer);
  body[0] = GUARD_LEVELS.indexOf(level);
  writeU32(body, 1, stood.asked);
  view.setFloat64(5, stood.heard_ms);
  view.setFloat64(13, stood.clock_ms);
  view.setFloat64(21, stood.said_ms);
  body.set(said, GUARD_BYTES);
  return body;
}

/** @param more_bytes room behind the greeting */
function encodeGreeting(greeting: { version: number; instance: bigint }, more_bytes: number): Uint8Array {
  const body = new Uint8Array(GREETING_BYTES + more_bytes);
  writeU32(body, 0, MAGIC);
  writeU16(body, 4, greeting.version);
  new DataView(body.buffer).setBigUint64(6, greeting.instance);
  return body;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const text = (value: string): Uint8Array => encoder.encode(value).subarray(0, TEXT_MAX_BYTES);

function writeEndpoint(b: Uint8Array, o: number, { address, port }: Endpoint): void {
  writeAnyAddress(b, o, address);
  writeU16(b, o + ADDRESS_BYTES, port);
}

const readEndpoint = (b: Uint8Array, o: number): Endpoint => ({
  address: readAddress(b, o),
  port: readU16(b, o + ADDRESS_BYTES),
});

/** Takes bytes as they come and gives whole messages; keeps at most one unfinished frame. */
export class FrameDecoder {
  readonly #frames = new LengthPrefixed(checkLength);

  /** @throws ControlError; the decoder is of no use afterwards */
  *push(chunk: Uint8Array): Generator<Message, void, void> {
    for (const frame of this.#frames.push(chunk)) yield decode(frame);
  }
}

function checkLength(length: number): void {
  if (length < TYPE_BYTES) throw new ControlError('malformed', 'a frame has no type');
  if (length > FRAME_MAX_BYTES)
    throw new ControlError(
      'frame-too-long',
      `a frame of ${length} bytes, at most ${FRAME_MAX_BYTES} are allowed`,
    );
}

function decode(frame: Uint8Array): Message {
  const kind = KINDS.get(frame[0]!);
  const body = frame.subarray(TYPE_BYTES);
  switch (kind) {
    case undefined:
      throw new ControlError('unknown-type', `unknown message type ${frame[0]!}`);
    case 'hello':
      return { kind, ...decodeHello(body) };
    case 'welcome': {
      const greeting = decodeGreeting(body);
      const isOurs = greeting.version === PROTOCOL_VERSION;
      if (!isOurs) return { kind, ...greeting, part: ALONE, passlist: NOBODY };
      const passlist = decodePasslist(body.subarray(GREETING_BYTES + PART_BYTES));
      return { kind, ...greeting, part: decodePart(body), passlist };
    }
    case 'refuse':
      return { kind, reason: decodeText(body) };
    case 'register':
    case 'unregister':
    case 'abandon':
    case 'compare':
    case 'unroutable':
      return { kind, routes: new RouteRecords(body, kind) };
    case 'replies':
      return { kind, replies: new ReplyRecords(body) };
    case 'guard':
      return { kind, ...decodeGuard(body) };
    case 'prove':
      if (body.length !== PROVE_BYTES) throw new ControlError('malformed', 'a prove has no number');
      return { kind, number: readU32(body, 0) };
    case 'seen':
      return { kind, records: body };
    case 'heartbeat':
    case 'hurry':
      if (body.length > 0) throw new ControlError('malformed', `a ${kind} has a body`);
      return { kind };
  }
}

const NOWHERE: Endpoint = { address: 0, port: 0 };
const NOBODY: PasslistEntries = { addresses: [], ownCopies: [] };

function decodePart(body: Uint8Array): Share {
  const [index = 0, count = 0] = body.subarray(GREETING_BYTES);
  if (index >= count) throw new ControlError('malformed', 'a welcome is of no worker that there is');
  return { index, count };
}

function decodePasslist(bytes: Uint8Array): PasslistEntries {
  const addressesEnd = bytes.length < 2 ? Infinity : 2 + readU16(bytes, 0) * ADDRESS_BYTES;
  if (addressesEnd > bytes.length) throw new ControlError('malformed', 'a welcome has no whole passlist');
  return {
    addresses: decodeRecords(bytes.subarray(2, addressesEnd), ADDRESS_BYTES, 'welcome', readAddress),
    ownCopies: decodeRecords(bytes.subarray(addressesEnd), OWN_COPIES_BYTES, 'welcome', readOwnCopies),
  };
}

const readOwnCopies = (b: Uint8Array, o: number): OwnCopies => ({
  address: readAddress(b, o),
  ports: { first: readU16(b, o + ADDRESS_BYTES), last: readU16(b, o + ADDRESS_BYTES + 2) },
});

function decodeGuard(body: Uint8Array): Omit<Message & { kind: 'guard' }, 'kind'> {
  const level = GUARD_LEVELS[body[0] ?? NaN];
  if (body.length < GUARD_BYTES || level === undefined)
    throw new ControlError('malformed', 'a guard message says neither yes nor no');
  const view = new DataView(body.buffer, body.byteOffset);
  const stood = {
    asked: readU32(body, 1),
    heard_ms: view.getFloat64(5),
    clock_ms: view.getFloat64(13),
    said_ms: view.getFloat64(21),
  };
  if (![stood.heard_ms, stood.clock_ms, stood.said_ms].every(Number.isFinite))
    throw new ControlError('malformed', 'a guard message has no time');
  return { level, stood, reason: decodeText(body.subarray(GUARD_BYTES)) };
}

/** What another version says behind its greeting is not known, and not needed to refuse it; as in a welcome. */
function decodeHello(body: Uint8Array): Omit<Message & { kind: 'hello' }, 'kind'> {
  const greeting = decodeGreeting(body);
  if (greeting.version !== PROTOCOL_VERSION)
    return { ...greeting, purpose: 'copy', called: NOWHERE, endpoints: [] };
  const purpose: Purpose | undefined = PURPOSES[body[GREETING_BYTES] ?? NaN];
  if (purpose === undefined) throw new ControlError('malformed', 'a hello does not say what it is for');
  const [called, ...endpoints] = decodeRecords(
    body.subarray(GREETING_BYTES + PURPOSE_BYTES),
    ENDPOINT_BYTES,
    'hello',
    readEndpoint,
  );
  if (!called) throw new ControlError('malformed', 'a hello does not say whom it means');
  return { ...greeting, purpose, called, endpoints };
}

function decodeGreeting(body: Uint8Array): { version: number; instance: bigint } {
  if (body.length < 4 || readU32(body, 0) !== MAGIC) {
    throw new ControlError('bad-magic', 'the peer does not speak this protocol');
  }
  if (body.length < GREETING_BYTES) throw new ControlError('malformed', `a greeting of ${body.length} bytes`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return { version: readU16(body, 4), instance: view.getBigUint64(6) };
}

function decodeText(body: Uint8Array): string {
  if (body.length > TEXT_MAX_BYTES) throw new ControlError('malformed', `a text of ${body.length} bytes`);
  // Only printable characters reach a log or a terminal.
  return decoder.decode(body).replaceAll(/[^\x20-\x7e]/g, '?');
}

function decodeRecords<T>(
  body: Uint8Array,
  size: number,
  kind: MessageKind,
  read: (bytes: Uint8Array, offset: number) => T,
): T[] {
  return Array.from({ length: recordsIn(body.length, size, kind) }, (_, index) => read(body, index * size));
}
