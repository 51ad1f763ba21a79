import { Passlist } from '../../../src/passlist/passlist';
import { ACK, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import { CLIENT, INITIAL, ONLINE, PORT, copying, reply, route, segment, synAck, words } from './copying';

describe('the engine', () => {
  test('registers a connection before it sends the first packet of its copy', () => {
    const { engine, sent, registered } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    expect(registered).toEqual([route]);
    expect(sent).toEqual([SYN]);
  });

  test('sends nothing while it is not armed, and counts what it saw meanwhile', () => {
    const { engine, sent } = copying();
    engine.setGuard('disarmed', 0);
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(segment({ flags: ACK | PSH, sequence: INITIAL + 1, payload: 'GET /' }), 1);
    expect(sent).toEqual([]);
    expect(engine.counters['segments_dropped_not-armed']).toBe(2);
  });

  test('sends nothing while the guard is suspended, and all that waited once it is armed again', () => {
    const { engine, sent, packets, registered, abandoned } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    sent.length = 0;
    engine.setGuard('suspended', 2);
    engine.captured(words(INITIAL + 1, 1, 'GET /'), 3);
    engine.captured(segment({ flags: SYN, port: 7 }), 4);
    engine.tick(1900);
    expect(engine.nextDeadline_ms()).toBe(Infinity);
    expect(sent).toEqual([]);
    engine.setGuard('armed', 1900);
    expect(packets.at(-2)).toMatchObject({ flags: ACK | PSH, payload: 'GET /' });
    expect(packets.at(-1)).toMatchObject({ flags: SYN, port: 7 });
    expect(engine.routes()).toEqual(registered);
    expect(abandoned).toEqual([]);
  });

  test('has abandoned what is given up while nothing may be said', () => {
    const { engine, sent, unregistered, abandoned } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    sent.length = 0;
    engine.setGuard('suspended', 2);
    engine.setGuard('disarmed', 100);
    expect([sent, unregistered, abandoned]).toEqual([[], [], [route]]);
    expect(engine.counters.sessions_given_up_disarmed).toBe(1);
  });

  test('resets without a guard what will not answer, because nothing is under way any more', () => {
    const { engine, sent, packets, abandoned } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, 'GET /'), 2);
    sent.length = 0;
    engine.setGuard('suspended', 2);
    engine.setGuard('disarmed', 2000);
    expect(sent).toEqual([RST | ACK]);
    expect(packets.at(-1)).toMatchObject({ sequence: INITIAL + 1 + 'GET /'.length });
    expect(abandoned).toEqual([route]);
  });

  test('does not reset a handshake without a guard: an older copy could answer', () => {
    const { engine, sent, abandoned } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    sent.length = 0;
    engine.setGuard('suspended', 2);
    engine.setGuard('disarmed', 2000);
    expect([sent, abandoned]).toEqual([[], [route]]);
  });

  test('resets its copies under a guard that is disarmed while it stands', () => {
    const { engine, sent, unregistered, abandoned } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    sent.length = 0;
    engine.setGuard('disarmed', 2);
    expect([sent, unregistered, abandoned]).toEqual([[RST | ACK], [route], []]);
  });

  test('leaves to intercept what it resets before all words are acknowledged: the number may be wrong', () => {
    const { engine, sent, unregistered, abandoned } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, 'GET /'), 2);
    sent.length = 0;
    engine.shutdown(3);
    expect([sent, unregistered, abandoned]).toEqual([[RST | ACK], [], [route]]);
  });

  test('leaves a handshake to intercept that it breaks off', () => {
    const { engine, sent, unregistered, abandoned } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    sent.length = 0;
    engine.shutdown(3);
    expect([sent, unregistered, abandoned]).toEqual([[RST], [], [route]]);
  });

  test('drops the copies of clients that an intercept which takes over has on its passlist', () => {
    const { engine, sent, abandoned } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    sent.length = 0;
    engine.setGuard('suspended', 2);
    engine.setPasslist(new Passlist([CLIENT]), 3);
    expect([sent, abandoned]).toEqual([[], [route]]);
  });

  test('copies no client whom the guard lets responses through to', () => {
    const { engine, sent, registered } = copying();
    engine.setPasslist(new Passlist([CLIENT]), 0);
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

  test('waits for an answer to the last words of a client that is gone for as long as it may', () => {
    const { engine } = copying({ response_ms: 1000 });
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, 'one'), 2);
    engine.replied(reply({ sequence: 5001, acknowledgment: INITIAL + 4 }), 3);
    engine.captured(segment({ flags: ACK | FIN, sequence: INITIAL + 4, acknowledgment: 101 }), 10);
    engine.tick(1009);
    expect(engine.sessionCount).toBe(1);
    engine.tick(1011);
    expect(engine.counters).toMatchObject({ 'sessions_given_up_test-unanswered': 1, requests_sent: 1 });
  });

  test('gives up words that are older than they may be, and joins their connection at its next request', () => {
    const { engine, packets } = copying({ lateMax_ms: 500 });
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(words(INITIAL + 1, 1, 'one'), 2);
    expect(engine.lateness_ms(302)).toBe(300);
    engine.tick(501);
    expect(engine.sessionCount).toBe(1);
    engine.tick(502);
    expect(engine.counters).toMatchObject({ sessions_given_up_late: 1, requests_given_up_late: 1 });
    expect(engine.lateness_ms(600)).toBe(0);
    engine.captured(words(INITIAL + 4, 11, 'two'), 600);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, sequence: INITIAL + 3 });
  });

  test('counts how late words were when they were sent', () => {
    const { engine } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(words(INITIAL + 1, 1, 'one'), 2);
    engine.replied(synAck, 52);
    expect(engine.counters).toMatchObject({
      requests_sent: 1,
      requests_sent_within_10ms: 0,
      requests_sent_within_100ms: 1,
      requests_sent_within_100s: 1,
    });
  });

  test('takes words that a client says with its SYN (RFC 7413)', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: SYN, payload: 'GET /' }), 0);
    expect(packets).toMatchObject([{ flags: SYN, payload: '' }]);
    engine.replied(synAck, 1);
    engine.captured(segment({ flags: SYN, payload: 'GET /' }), 2);
    engine.captured(words(INITIAL + 6, 1, '2'), 3);
    expect(packets.slice(1)).toMatchObject([
      { sequence: INITIAL + 1, payload: 'GET /' },
      { sequence: INITIAL + 6, payload: '2' },
    ]);
  });

  test('copies two connections of one client endpoint with two addresses of the online server', () => {
    const { engine, packets } = copying();
    for (const destination of [ONLINE, ONLINE + 1])
      engine.captured({ ...segment({ flags: SYN }), destination }, 0);
    const [first, second] = packets;
    expect(first).toMatchObject({ flags: SYN, port: PORT });
    expect(second!.port).not.toBe(PORT);
    engine.replied(synAck, 1);
    engine.replied({ ...synAck, clientPort: second!.port }, 1);
    for (const [place, destination] of [ONLINE, ONLINE + 1].entries())
      engine.captured({ ...words(INITIAL + 1, 1, `to ${place}`), destination }, 2);
    expect(packets.slice(2)).toMatchObject([
      { port: PORT, payload: 'to 0' },
      { port: second!.port, payload: 'to 1' },
    ]);
  });

  test('keeps connections with many addresses of the online server apart', () => {
    const { engine } = copying();
    for (let place = 0; place < 100; place += 1)
      engine.captured({ ...segment({ flags: SYN }), destination: ONLINE + place }, 0);
    expect(engine.sessionCount).toBe(100);
  });

  test('ends the oldest waits for what may still come, when there are too many of them', () => {
    const { engine } = copying({ sourceAddresses: [1, 2].map((last) => CLIENT + last) });
    const connection = (client: number): void => {
      const source = CLIENT + Math.floor(client / 20_000);
      const port = 1024 + (client % 20_000);
      engine.captured(segment({ flags: SYN, source, port }), 0);
    };
    for (let client = 0; client < 16_400; client += 1) connection(client);
    for (const { clientAddress, clientPort } of engine.routes())
      engine.replied({ ...synAck, clientAddress, clientPort }, 1);
    for (let client = 0; client < 16_400; client += 1) {
      const at = { port: 1024 + client, sequence: INITIAL + 1 };
      engine.captured(segment({ ...at, flags: ACK | PSH, payload: 'x', acknowledgment: 1 }), 2);
      engine.captured(segment({ ...at, flags: ACK | FIN, sequence: INITIAL + 2, acknowledgment: 50 }), 3);
    }
    expect(engine.counters.lingers_cut_short).toBe(16_400 - 16_384);
  });

  test('lets the next connection have its port although late segments of the last one are seen', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(segment({ flags: ACK | FIN, sequence: INITIAL + 1 }), 2);
    engine.captured(segment({ flags: SYN, sequence: 500_000 }), 3);
    engine.replied({ ...synAck, sequence: 5001, acknowledgment: INITIAL + 2, flags: ACK | FIN }, 4);
    engine.captured(segment({ flags: ACK | FIN, sequence: INITIAL + 1 }), 4.5);
    engine.tick(4.5);
    engine.tick(10);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, sequence: 500_000 });
  });

  test('counts each of several copies that it refuses, though another one uses the segment', () => {
    const { engine } = copying({ copies: 3, sessions_max: 1 });
    engine.captured(segment({ flags: SYN }), 0);
    expect(engine.counters).toMatchObject({ segments_used: 1, 'copies_refused_table-full': 2 });
  });

  test("does not take a refused connection's words for those of the one before it on its port", () => {
    const { engine, packets } = copying({ sessions_max: 1 });
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(segment({ flags: ACK | FIN, sequence: INITIAL + 1 }), 2);
    engine.captured(segment({ flags: SYN, sequence: 500_000 }), 3);
    engine.captured(words(500_001, 1, 'GET /'), 4);
    engine.tick(5000);
    expect(packets.filter(({ payload }) => payload !== '')).toEqual([]);
    expect(engine.counters['sessions_given_up_capture-hole']).toBe(0);
    expect(engine.counters.segments_dropped_repeated).toBe(0);
  });

  test('gives back the route that was refused before it tries another', () => {
    const { engine, registered, unregistered } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.unroutable(route, 1);
    expect(registered).toHaveLength(2);
    expect(unregistered).toEqual([route]);
  });

  test('moves connections that wait for their port along with the one that is rerouted', () => {
    const { engine, packets, registered } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(segment({ flags: SYN, sequence: 500_000 }), 1);
    engine.unroutable(route, 2);
    const moved = registered.at(-1)!;
    engine.replied({ ...synAck, ...moved, flags: RST | ACK }, 3);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, sequence: 500_000, port: moved.clientPort });
  });

  test('joins what waited for its port when all was dropped, at its next request', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(segment({ flags: SYN, sequence: 500_000 }), 1);
    engine.captured(words(500_001, 1, 'GET /'), 2);
    engine.setGuard('disarmed', 3);
    engine.setGuard('armed', 4);
    engine.captured(words(500_006, 90, 'GET /'), 5);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, sequence: 500_005 });
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

  test('misses nothing between the FIN of a client and a reset that follows it', () => {
    const { engine } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, 'GET /'), 2);
    engine.captured(segment({ flags: ACK | FIN, sequence: INITIAL + 6, acknowledgment: 11 }), 3);
    engine.captured(segment({ flags: RST, sequence: INITIAL + 7 }), 4);
    engine.tick(4000);
    engine.replied(reply({ sequence: 5001, acknowledgment: INITIAL + 6, payloadLength: 10 }), 5000);
    engine.tick(6000);
    expect(engine.counters).toMatchObject({ sessions_completed: 1, 'sessions_given_up_capture-hole': 0 });
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
    expect(Math.abs(started[0]! - 5)).toBeLessThanOrEqual(2);
    expect(Math.abs(started[1]! - 50)).toBeLessThanOrEqual(2);
    expect(Math.abs(started[2]! - 250)).toBeLessThanOrEqual(2);
  });
});
