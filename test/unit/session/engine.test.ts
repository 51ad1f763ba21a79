import type { EngineOptions } from '../../../src/session/contract';
import { Engine } from '../../../src/session/engine';
import { emitIpv4, IP_PROTOCOL_TCP } from '../../../src/wire/ipv4';
import type { Reply, Route } from '../../../src/wire/reply';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../src/wire/segment';
import { ACK, emitTcp, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';

const CLIENT = 0xc612_0a0a;
const ONLINE = 0xc612_0a14;
const TEST = 0xc612_0a1e;
const PORT = 40_000;
const INITIAL = 1000;
const route: Route = { clientAddress: CLIENT, clientPort: PORT, serverAddress: TEST, serverPort: 8080 };

interface Said {
  readonly flags: number;
  readonly sequence?: number;
  readonly payload?: string;
  readonly source?: number;
  readonly port?: number;
  readonly acknowledgment?: number;
}

/** A captured segment of the client. */
function segment(said: Said): SegmentView {
  const { flags, sequence = INITIAL, payload = '', source = CLIENT, port = PORT } = said;
  const bytes = Buffer.concat([Buffer.alloc(40), Buffer.from(payload)]);
  const fields = { identification: 1, ttl: 64, protocol: IP_PROTOCOL_TCP, source, destination: ONLINE };
  emitIpv4(bytes, 0, { ...fields, totalLength: bytes.length });
  emitTcp(bytes, 20, {
    sourcePort: port,
    destinationPort: 80,
    sequence,
    acknowledgment: said.acknowledgment ?? (flags & ACK ? 1 : 0),
    headerLength: 20,
    flags,
    window: 1000,
  });
  const view = emptySegmentView();
  expect(viewSegment(view, bytes, 0, bytes.length, 'whole')).toBeUndefined();
  return view;
}

const synAck: Reply = {
  ...route,
  sequence: 5000,
  acknowledgment: INITIAL + 1,
  flags: SYN | ACK,
  window: 65_535,
  payloadLength: 0,
  maximumSegmentSize: 1460,
  windowScale: undefined,
};

interface Sent {
  readonly flags: number;
  readonly source: number;
  readonly port: number;
  readonly sequence: number;
  readonly payload: string;
}

/** An engine that is armed, and what it asked for. */
function copying(options: Partial<EngineOptions> = {}) {
  const packets: Sent[] = [];
  const sent: number[] = [];
  const registered: Route[] = [];
  const unregistered: Route[] = [];
  const view = emptySegmentView();
  const engine = new Engine(
    {
      transfers: [{ onlineAddress: undefined, onlinePort: 80, testAddress: TEST, testPort: 8080 }],
      ...options,
    },
    {
      send: (packet, length) => {
        expect(viewSegment(view, packet, 0, length, 'whole')).toBeUndefined();
        const { flags, source, sourcePort, sequence, payloadOffset, payloadLength } = view;
        const payload = Buffer.from(packet).toString('latin1', payloadOffset, payloadOffset + payloadLength);
        packets.push({ flags, source, port: sourcePort, sequence, payload });
        sent.push(flags);
      },
      register: (one) => registered.push(one),
      unregister: (one) => unregistered.push(one),
    },
  );
  engine.setArmed(true, 0);
  return { engine, packets, sent, registered, unregistered };
}

const words = (sequence: number, acknowledgment: number, payload: string): SegmentView =>
  segment({ flags: ACK | PSH, sequence, acknowledgment, payload });

/** A segment of the test server. */
const reply = (fields: Partial<Reply>): Reply => ({ ...synAck, flags: ACK, ...fields });

describe('the engine', () => {
  test('registers a connection before it sends the first packet of its copy', () => {
    const { engine, sent, registered } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    expect(registered).toEqual([route]);
    expect(sent).toEqual([SYN]);
  });

  test('sends nothing while it is not armed, and counts what it saw meanwhile', () => {
    const { engine, sent } = copying();
    engine.setArmed(false, 0);
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(segment({ flags: ACK | PSH, sequence: INITIAL + 1, payload: 'GET /' }), 1);
    expect(sent).toEqual([]);
    expect(engine.counters['segments_dropped_not-armed']).toBe(2);
  });

  test('copies no client whom the guard lets responses through to', () => {
    const { engine, sent, registered } = copying();
    engine.setPasslist(new Set([CLIENT]));
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(segment({ flags: SYN, source: CLIENT + 1 }), 0);
    expect(sent).toHaveLength(1);
    expect(registered).toEqual([{ ...route, clientAddress: CLIENT + 1 }]);
    expect(engine.counters.segments_dropped_passlisted).toBe(1);
  });

  test('drops a copy without a word when its replies will not come', () => {
    const { engine, sent, unregistered } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.unroutable(route, 2);
    expect(engine.counters.sessions_given_up_unroutable).toBe(1);
    expect(engine.sessionCount).toBe(0);
    expect(unregistered).toEqual([route]);
    // A reset would end the connection of whoever holds the route.
    expect(sent.some((flags) => flags & RST)).toBe(false);
    engine.captured(segment({ flags: ACK, sequence: INITIAL + 1 }), 3);
    expect(engine.counters['segments_dropped_given-up']).toBe(1);
  });

  test('tries other source ports when another tcpcopy uses the first one', () => {
    const { engine, packets, registered } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.unroutable(route, 1);
    expect(packets.map(({ flags }) => flags)).toEqual([SYN, SYN]);
    const [, second] = registered;
    expect(second!.clientPort).not.toBe(PORT);
    expect(packets[1]!.port).toBe(second!.clientPort);
    engine.replied({ ...synAck, ...second }, 2);
    engine.captured(words(INITIAL + 1, 1, 'GET /'), 3);
    expect(packets.at(-1)).toMatchObject({ port: second!.clientPort, payload: 'GET /' });
    for (let time = 4; time < 10; time += 1) engine.unroutable(registered.at(-1)!, time);
    expect(engine.counters.sessions_given_up_unroutable).toBe(1);
  });

  test('ends every copy once its words are answered when all clients are gone', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, 'GET /'), 2);
    engine.captured(segment({ flags: ACK, sequence: INITIAL + 6, acknowledgment: 101 }), 3);
    engine.clientsGone(4);
    expect(engine.held_bytes).toBe(5);
    engine.replied(
      reply({ sequence: 5001, acknowledgment: INITIAL + 6, payloadLength: 100, flags: ACK | PSH }),
      5,
    );
    expect(engine.held_bytes).toBe(0);
    expect(packets.some(({ flags }) => flags & RST)).toBe(false);
    engine.tick(1000);
    expect(packets.at(-1)!.flags & RST).toBe(RST);
    expect(engine.counters).toMatchObject({ sessions_completed: 1, answers_not_awaited: 0 });
  });

  test('resets its copies when it is shut down', () => {
    const { engine, sent } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.shutdown(2);
    expect(sent.at(-1)).toBe(RST | ACK);
    expect(engine.counters.sessions_given_up_shutdown).toBe(1);
    expect(engine.nextDeadline_ms()).toBe(Infinity);
  });

  describe('with a connection whose SYN it did not see', () => {
    test('waits for the first request that begins behind an answer', () => {
      const { engine, packets } = copying();
      engine.captured(words(500, 10, 'the end of a request'), 0);
      expect(packets).toEqual([]);
      engine.captured(words(520, 90, 'a request'), 1);
      expect(packets).toMatchObject([{ flags: SYN, sequence: 519 }]);
      engine.replied({ ...synAck, acknowledgment: 520 }, 2);
      expect(packets.at(-1)).toMatchObject({ sequence: 520, payload: 'a request' });
      expect(engine.counters).toMatchObject({ sessions_joined: 1, 'segments_dropped_not-joined': 1 });
    });

    test('does not take a pause between two segments of one request for its beginning', () => {
      const { engine, packets } = copying();
      engine.captured(segment({ flags: ACK, sequence: 500, acknowledgment: 10, payload: 'first' }), 0);
      engine.captured(segment({ flags: ACK, sequence: 505, acknowledgment: 90, payload: 'second' }), 1);
      engine.captured(words(511, 90, 'third'), 2);
      expect(packets).toEqual([]);
    });

    test('joins it with the first words behind a silence', () => {
      const { engine, packets } = copying();
      engine.captured(words(500, 10, 'a request'), 1500);
      expect(packets).toMatchObject([{ flags: SYN, sequence: 499 }]);
    });

    test('joins it when an acknowledgment showed that an answer was read', () => {
      const { engine, packets } = copying();
      engine.captured(segment({ flags: ACK, sequence: 500, acknowledgment: 10 }), 0);
      engine.captured(words(500, 10, 'a request'), 1);
      expect(packets).toHaveLength(1);
    });

    test('does not join behind a hole', () => {
      const { engine, packets } = copying();
      engine.captured(words(500, 10, 'a request'), 0);
      engine.captured(words(700, 90, 'something later'), 1);
      expect(packets).toEqual([]);
    });

    test('leaves it alone when only whole connections are copied', () => {
      const { engine, packets } = copying({ wholeConnectionsOnly: true });
      engine.captured(words(500, 10, 'a request'), 1500);
      engine.captured(words(509, 90, 'another'), 1501);
      expect(packets).toEqual([]);
      expect(engine.counters['segments_dropped_no-session']).toBe(2);
    });
  });

  test('goes on with a new connection when the test server closed one that the client uses on', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, 'one'), 2);
    engine.replied(
      reply({ sequence: 5001, acknowledgment: INITIAL + 4, payloadLength: 10, flags: ACK | PSH | FIN }),
      3,
    );
    engine.captured(words(INITIAL + 4, 11, 'two'), 4);
    expect(packets.slice(-2)).toMatchObject([
      { flags: RST | ACK },
      { flags: SYN, sequence: INITIAL + 3, port: PORT },
    ]);
    engine.replied({ ...synAck, acknowledgment: INITIAL + 4 }, 5);
    expect(packets.at(-1)).toMatchObject({ payload: 'two', sequence: INITIAL + 4 });
    expect(engine.counters).toMatchObject({ sessions_completed: 1, sessions_joined: 1, requests_sent: 2 });
  });

  test('stays with a connection of which both servers closed their side', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, 'one'), 2);
    engine.replied(
      reply({ sequence: 5001, acknowledgment: INITIAL + 4, payloadLength: 10, flags: ACK | PSH | FIN }),
      3,
    );
    engine.captured(words(INITIAL + 4, 12, 'two'), 4);
    expect(packets.at(-1)).toMatchObject({ payload: 'two', sequence: INITIAL + 4 });
    expect(engine.counters.sessions_started).toBe(1);
  });

  test('gives a session up when the test server leaves it unanswered for longer than it may', () => {
    const { engine } = copying({ response_ms: 1000 });
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, 'one'), 2);
    engine.replied(reply({ sequence: 5001, acknowledgment: INITIAL + 4 }), 3);
    engine.captured(words(INITIAL + 4, 11, 'two'), 10);
    engine.tick(1009);
    expect(engine.sessionCount).toBe(1);
    engine.tick(1011);
    expect(engine.counters).toMatchObject({
      'sessions_given_up_test-unanswered': 1,
      'requests_given_up_test-unanswered': 1,
      requests_sent: 1,
    });
  });

  test('begins no session beyond its memory, and gives up the one that exceeds it', () => {
    const { engine } = copying({ memory_bytes: 10_000 });
    for (let port = 1; port <= 10; port += 1) engine.captured(segment({ flags: SYN, port }), 0);
    expect(engine.counters['segments_dropped_memory-full']).toBe(5);
    engine.captured(
      segment({ flags: ACK | PSH, sequence: INITIAL + 1, payload: 'x'.repeat(1400), port: 1 }),
      1,
    );
    expect(engine.counters.sessions_given_up_memory).toBe(1);
    expect(engine.memoryUsed_bytes).toBeLessThan(10_000);
  });

  test('copies each of 1,000 connections with consecutive ports ten times, under an endpoint of its own', () => {
    const { engine, packets, registered } = copying({ copies: 10 });
    for (let port = 30_000; port < 31_000; port += 1) engine.captured(segment({ flags: SYN, port }), 0);
    const endpoints = new Set(packets.map(({ source, port }) => `${source}:${port}`));
    expect(endpoints.size).toBe(10_000);
    expect(registered).toHaveLength(10_000);
    expect(engine.sessionCount).toBe(10_000);
    for (let port = 30_000; port < 31_000; port += 1) expect(endpoints).toContain(`${CLIENT}:${port}`);
  });

  test('refuses what the ports cannot hold, and counts it', () => {
    const { engine } = copying({ copies: 1000 });
    for (let port = 30_000; port < 30_065; port += 1) engine.captured(segment({ flags: SYN, port }), 0);
    expect(engine.sessionCount).toBe(64_512);
    expect(engine.counters['copies_refused_no-port']).toBe(65_000 - 64_512);
  });

  test('spreads copies over the source addresses that it is given, one for each client', () => {
    const addresses = [0x0a000001, 0x0a000002, 0x0a000003];
    const { engine, packets } = copying({ sourceAddresses: addresses });
    for (let client = 0; client < 300; client += 1) {
      engine.captured(segment({ flags: SYN, source: CLIENT + client, port: 1000 }), 0);
      engine.captured(segment({ flags: SYN, source: CLIENT + client, port: 2000 }), 0);
    }
    expect(new Set(packets.map(({ source, port }) => `${source}:${port}`)).size).toBe(600);
    for (const address of addresses) {
      expect(packets.filter(({ source }) => source === address).length).toBeGreaterThan(150);
    }
    for (let at = 0; at < packets.length; at += 2) expect(packets[at]!.source).toBe(packets[at + 1]!.source);
  });

  test('copies a percentage of all connections, each of them wholly or not at all', () => {
    const { engine } = copying({ percentage: 20 });
    for (let port = 30_000; port < 32_000; port += 1) {
      engine.captured(segment({ flags: SYN, port }), 0);
      engine.captured(segment({ flags: SYN, port }), 1);
      engine.captured(segment({ flags: ACK | PSH, sequence: INITIAL + 1, payload: 'GET /', port }), 2);
    }
    expect(engine.sessionCount).toBe(400);
    expect(engine.counters['segments_dropped_not-selected']).toBe(1600 * 3);
  });

  test('begins with one percent and adds one a second when asked to be gradual', () => {
    const { engine } = copying({ percentage: 50, gradual: true });
    const started = [0, 9000, 100_000].map((now_ms, round) => {
      const before = engine.counters.sessions_started;
      for (let port = 0; port < 500; port += 1) {
        engine.captured(segment({ flags: SYN, source: CLIENT + round, port: 2000 + port }), now_ms);
      }
      return engine.counters.sessions_started - before;
    });
    expect(started).toEqual([5, 50, 250]);
  });
});
