import { emitIpv4, IP_PROTOCOL_TCP } from '../../../src/wire/ip/ipv4';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../src/wire/segment';
import { ACK, emitTcp, PSH, SYN } from '../../../src/wire/tcp';
import { CLIENT, INITIAL, ONLINE, PORT, copying, synAck, words } from './copying';

/** The server's key of RFC 8684's kind of connection, and the token of it. */
const SERVER_KEY = '83dc3dbb5d586393';
const TOKEN = 'ed20edcf';
const CAPABLE_SYN = '1e040101';
const CAPABLE_ACK = `1e14010188031b265ed9d077${SERVER_KEY}`;
const JOIN_SYN = `1e0c1002${TOKEN}01020304`;

function segment(options: string, flags: number, port = PORT, sequence = INITIAL): SegmentView {
  const list = Buffer.from(options, 'hex');
  const headerLength = 20 + list.length;
  const bytes = Buffer.alloc(20 + headerLength);
  const ip = { identification: 1, ttl: 64, protocol: IP_PROTOCOL_TCP, source: CLIENT, destination: ONLINE };
  emitIpv4(bytes, 0, { ...ip, totalLength: bytes.length });
  const numbers = { sequence, acknowledgment: flags & ACK ? 1 : 0, window: 1000 };
  emitTcp(bytes, 20, { sourcePort: port, destinationPort: 80, headerLength, flags, ...numbers });
  bytes.set(list, 40);
  const view = emptySegmentView();
  expect(viewSegment(view, bytes, 0, bytes.length, 'whole')).toBeUndefined();
  return view;
}

/** A copy of a connection that a client began with Multipath TCP, and that the server took. */
function begun() {
  const copy = copying();
  copy.engine.captured(segment(CAPABLE_SYN, SYN), 0);
  copy.engine.replied(synAck, 1);
  copy.engine.captured(segment(CAPABLE_ACK, ACK, PORT, INITIAL + 1), 1);
  return copy;
}

describe('a connection of Multipath TCP', () => {
  test('is copied while it has one subflow', () => {
    const { engine, packets } = begun();
    engine.captured(words(INITIAL + 1, 1, 'GET /'), 2);
    expect(packets.at(-1)).toMatchObject({ payload: 'GET /' });
  });

  test('is given up when another subflow joins it, and neither is copied any more', () => {
    const { engine, packets } = begun();
    engine.captured(words(INITIAL + 1, 1, 'one'), 2);
    engine.captured(segment(JOIN_SYN, SYN, PORT + 1, 9000), 3);
    expect(engine.counters).toMatchObject({ sessions_given_up_mptcp: 1, segments_dropped_mptcp: 1 });
    const before = packets.length;
    engine.captured(words(INITIAL + 4, 100, 'two'), 3000);
    engine.captured({ ...words(9001, 1, 'three'), sourcePort: PORT + 1 }, 3001);
    expect(packets).toHaveLength(before);
    expect(engine.counters.segments_dropped_mptcp).toBe(3);
  });

  test('leaves its ports to later connections', () => {
    const { engine, packets } = begun();
    engine.captured(segment(JOIN_SYN, SYN, PORT + 1, 9000), 3);
    for (const port of [PORT, PORT + 1]) engine.captured(segment('', SYN, port, 700_000), 4);
    expect(packets.slice(-2)).toMatchObject([
      { flags: SYN, port: PORT, sequence: 700_000 },
      { flags: SYN, port: PORT + 1, sequence: 700_000 },
    ]);
  });

  test('is not begun with a subflow whose connection nobody has seen', () => {
    const { engine, packets } = copying();
    engine.captured(segment(JOIN_SYN, SYN), 0);
    engine.captured({ ...words(INITIAL + 1, 1, 'GET /'), flags: ACK | PSH }, 2000);
    expect(packets).toEqual([]);
    expect(engine.counters.segments_dropped_mptcp).toBe(2);
  });

  test('is given up when another worker sees the subflow that joins it', () => {
    const told: number[] = [];
    const other = copying({}, { joinsUnknown: (token) => told.push(token) });
    other.engine.captured(segment(JOIN_SYN, SYN, PORT + 1, 9000), 3);
    expect(told).toEqual([Number.parseInt(TOKEN, 16)]);
    const { engine, packets } = begun();
    engine.isJoined(told[0]!, 3);
    expect(engine.counters).toMatchObject({ sessions_given_up_mptcp: 1 });
    const before = packets.length;
    engine.captured(words(INITIAL + 1, 100, 'two'), 3000);
    expect(packets).toHaveLength(before);
  });

  test('is given up as well when the other worker was quicker', () => {
    const { engine, packets } = copying();
    engine.captured(segment(CAPABLE_SYN, SYN), 0);
    engine.isJoined(Number.parseInt(TOKEN, 16), 1);
    engine.replied(synAck, 1);
    engine.captured(segment(CAPABLE_ACK, ACK, PORT, INITIAL + 1), 2);
    engine.captured(words(INITIAL + 1, 1, 'one'), 3);
    expect(engine.counters).toMatchObject({ sessions_given_up_mptcp: 1 });
    expect(packets.some(({ payload }) => payload === 'one')).toBe(false);
  });
});
