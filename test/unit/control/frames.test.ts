import { ALONE } from '../../../src/wire/tables/share';
import { FrameQueue } from '../../../src/control/frame-queue';
import { encodeFrame, FrameDecoder, FRAME_MAX_BYTES } from '../../../src/control/frames';
import { ControlError, PROTOCOL_VERSION, type Message } from '../../../src/control/messages';
import { messagesIn } from './owned';

const route = { clientAddress: 0xc6120a0a, clientPort: 40_000, serverAddress: 0xc6120a1e, serverPort: 8080 };
const reply = {
  ...route,
  sequence: 0xffff_ffff,
  acknowledgment: 1,
  flags: 0x12,
  window: 65_535,
  payloadLength: 70_000,
  maximumSegmentSize: 1460,
  windowScale: 7,
  at_ms: 123_456.789,
};

const MESSAGES: readonly Message[] = [
  {
    kind: 'hello',
    purpose: 'copy',
    version: PROTOCOL_VERSION,
    instance: 0xfedcba9876543210n,
    called: { address: 0xc6120a1e, port: 36524 },
    endpoints: [{ address: 0xc6120a1e, port: 8080 }],
  },
  {
    kind: 'welcome',
    version: PROTOCOL_VERSION,
    instance: 0n,
    part: { index: 1, count: 16 },
    passlist: {
      addresses: [0xc6120a14, 0xffff_ffff],
      ownCopies: [{ address: 0xc6120a14, ports: { first: 61_000, last: 65_535 } }],
    },
  },
  {
    kind: 'welcome',
    version: PROTOCOL_VERSION,
    instance: 0n,
    part: ALONE,
    passlist: { addresses: [], ownCopies: [] },
  },
  { kind: 'refuse', reason: 'because' },
  {
    kind: 'hello',
    purpose: 'compare',
    version: PROTOCOL_VERSION,
    instance: 1n,
    called: { address: 0xc6120a1e, port: 36524 },
    endpoints: [],
  },
  { kind: 'compare', routes: [route] },
  { kind: 'seen', records: Uint8Array.of(1, 2, 3) },
  { kind: 'register', routes: [route, { ...route, clientPort: 1 }] },
  { kind: 'unregister', routes: [] },
  { kind: 'unroutable', routes: [route] },
  { kind: 'replies', replies: [reply, { ...reply, maximumSegmentSize: undefined, windowScale: undefined }] },
  {
    kind: 'guard',
    level: 'suspended',
    stood: { asked: 0, heard_ms: 0.5, clock_ms: 12.5, said_ms: 1.25 },
    reason: 'no canary',
  },
  {
    kind: 'guard',
    level: 'armed',
    stood: { asked: 0xffff_ffff, heard_ms: 1, clock_ms: 1e9, said_ms: 1.25 },
    reason: '',
  },
  { kind: 'prove', number: 0xffff_ffff },
  { kind: 'heartbeat' },
];

/** A greeting of this version, and what follows it. */
function welcomeWith(...passlist: number[]): Buffer {
  const greeting = [2, 0x54, 0x43, 0x50, 0x43, 0, PROTOCOL_VERSION, ...Buffer.alloc(8), 0, 1];
  return Buffer.from([0, 0, 0, greeting.length + passlist.length, ...greeting, ...passlist]);
}

describe('the frames of the control channel', () => {
  test('carry every message unchanged', () => {
    const decoder = new FrameDecoder();
    const bytes = Buffer.concat(MESSAGES.map(encodeFrame));
    expect(messagesIn(decoder, bytes)).toEqual(MESSAGES);
  });

  test('are understood when they come byte by byte', () => {
    const decoder = new FrameDecoder();
    const bytes = Buffer.concat(MESSAGES.map(encodeFrame));
    const messages = [...bytes].flatMap((byte) =>
      // What is lent is copied.
      messagesIn(decoder, Uint8Array.of(byte)).map((message) => structuredClone(message)),
    );
    expect(messages).toEqual(MESSAGES);
  });

  test.each([
    ['frame-too-long', Buffer.from([0, 2, 0, 0])],
    ['frame-too-long', Buffer.from('GET / HTTP/1.1\r\n')],
    ['malformed', Buffer.from([0, 0, 0, 0])],
    ['unknown-type', Buffer.from([0, 0, 0, 1, 99])],
    ['bad-magic', Buffer.from([0, 0, 0, 15, 1, ...Buffer.alloc(14)])],
    ['malformed', Buffer.from([0, 0, 0, 5, 1, 0x54, 0x43, 0x50, 0x43])],
    ['malformed', welcomeWith(0)],
    ['malformed', welcomeWith(0, 2, 198, 18, 10, 20)],
    ['malformed', welcomeWith(0, 0, 198, 18, 10, 20)],
    ['malformed', Buffer.from([0, 0, 0, 12, 4, ...Buffer.alloc(11)])],
    ['malformed', Buffer.from([0, 0, 0, 2, 7, 2])],
    ['malformed', Buffer.from([0, 0, 0, 2, 8, 0])],
    ['malformed', Buffer.from([0, 0, 0, 1, 11])],
  ])('refuse as %s what is not theirs', (code, bytes) => {
    const push = (): unknown => [...new FrameDecoder().push(bytes)];
    expect(push).toThrow(ControlError);
    expect(push).toThrow(expect.objectContaining({ code }));
  });

  test('do not read the passlist of another version, which is refused by its number', () => {
    const greeting = [2, 0x54, 0x43, 0x50, 0x43, 0, 4, ...Buffer.alloc(8), 198, 18, 10, 20];
    const [message] = [...new FrameDecoder().push(Buffer.from([0, 0, 0, greeting.length, ...greeting]))];
    expect(message).toMatchObject({
      kind: 'welcome',
      version: 4,
      passlist: { addresses: [], ownCopies: [] },
    });
  });

  test('do not read what another version says behind its greeting, so that it can be told of both', () => {
    const hello = encodeFrame({
      kind: 'hello',
      purpose: 'copy',
      version: 5,
      instance: 7n,
      called: { address: 1, port: 2 },
      endpoints: [],
    });
    const [message] = [...new FrameDecoder().push(hello)];
    expect(message).toMatchObject({
      kind: 'hello',
      purpose: 'copy',
      version: 5,
      instance: 7n,
      endpoints: [],
    });
  });

  test('keep text from bringing control characters into a log', () => {
    const [message] = [
      ...new FrameDecoder().push(encodeFrame({ kind: 'refuse', reason: 'a\u001b[31mb\nc' })),
    ];
    expect(message).toEqual({ kind: 'refuse', reason: 'a?[31mb?c' });
  });

  test('never hold more than one unfinished frame', () => {
    const decoder = new FrameDecoder();
    const header = Buffer.alloc(4);
    header.writeUInt32BE(FRAME_MAX_BYTES);
    expect([...decoder.push(header)]).toEqual([]);
    expect(() => [...decoder.push(Buffer.alloc(FRAME_MAX_BYTES))]).toThrow(ControlError);
  });

  test('are as few as they can be where several messages wait', () => {
    const queue = new FrameQueue();
    for (const message of MESSAGES) queue.add(message);
    queue.addRoute('register', route);
    queue.addRoute('register', { ...route, clientPort: 2 });
    queue.addReply(reply);
    const ports = (messages: readonly Message[]): unknown[] =>
      messages.map((message) =>
        'routes' in message ? Array.from(message.routes, ({ clientPort }) => clientPort) : message.kind,
      );
    const waited = messagesIn(new FrameDecoder(), queue.take());
    expect(waited.slice(0, 5)).toEqual(MESSAGES.slice(0, 5));
    expect(ports(waited.slice(-3))).toEqual(['heartbeat', [40_000, 2], 'replies']);
    expect(queue.length).toBe(0);
    expect(queue.take()).toHaveLength(0);
  });

  test('tell times to the microsecond, also where replies are far apart, or out of order', () => {
    const queue = new FrameQueue();
    const times_ms = [1000.25, 1000.251, 1065.785, 1065.787, 1065.786, 3, 1e9 + 0.125];
    for (const at_ms of times_ms) queue.addReply({ ...reply, at_ms });
    const messages = messagesIn(new FrameDecoder(), queue.take());
    const told_ms = messages
      .flatMap((one) => (one.kind === 'replies' ? [...one.replies] : []))
      .map(({ at_ms }) => at_ms);
    told_ms.forEach((at_ms, index) => expect(at_ms).toBeCloseTo(times_ms[index]!, 6));
    expect(messages).toHaveLength(4);
  });

  test('lend each record of a list to who asks for it, and give records to keep to who goes through all', () => {
    const routes = [route, { ...route, clientPort: 2 }];
    const [message] = [...new FrameDecoder().push(encodeFrame({ kind: 'register', routes }))];
    const list = message!.kind === 'register' ? message.routes : [];
    const lent = list.at(0)!;
    expect({ ...lent }).toEqual(routes[0]);
    expect({ ...list.at(1)! }).toEqual(routes[1]);
    expect({ ...lent }).toEqual(routes[1]);
    expect([...list]).toEqual(routes);
  });

  test('hold lists of any length, in several if need be', () => {
    const queue = new FrameQueue();
    const replies = Array.from({ length: 5000 }, (_, sequence) => ({ ...reply, sequence }));
    queue.add({ kind: 'replies', replies });
    const messages = messagesIn(new FrameDecoder(), queue.take());
    expect(messages).toHaveLength(5);
    expect(messages.flatMap((message) => (message.kind === 'replies' ? [...message.replies] : []))).toEqual(
      replies,
    );
  });
});
