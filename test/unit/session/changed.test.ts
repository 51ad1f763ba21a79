/** How much is copied changes while copies are going on: more or fewer percent, more or fewer copies of each connection. */
import type { Reply } from '../../../src/wire/reply';
import { bucketOf } from '../../../src/wire/tables/bucket';
import { ACK, FIN, PSH, SYN } from '../../../src/wire/tcp';
import { CLIENT, copying, INITIAL, PORT, segment, synAck } from './copying';

const PORTS = Array.from({ length: 1000 }, (_, index) => 30_000 + index);

/** How many of them are among so many percent: about as many in a thousand. */
const among = (percentage: number): number =>
  PORTS.filter((port) => bucketOf(CLIENT, port) < percentage).length;

type Copying = ReturnType<typeof copying>;

/** Each begins a connection. @returns how many copies that were */
function begin({ engine }: Copying, now_ms: number, ports = PORTS): number {
  const before = engine.counters.sessions_started;
  for (const port of ports) engine.captured(segment({ flags: SYN, port }), now_ms);
  return engine.counters.sessions_started - before;
}

/** The test server accepts every connection that was asked for since the last time. */
function accept({ engine, registered }: Copying, now_ms: number, from = 0): void {
  for (const route of registered.slice(from)) engine.replied({ ...synAck, ...route }, now_ms);
}

describe('the percentage', () => {
  test('that grows takes in the connections of more clients, at once', () => {
    const copy = copying({ percentage: 20 });
    expect(begin(copy, 0)).toBe(among(20));
    copy.engine.copyAsMany({ percentage: 50, copies: 1 }, 1);
    expect(begin(copy, 2)).toBe(among(50) - among(20));
  });

  test('that grows has connections that are open joined at their next request, not in the middle of one', () => {
    const copy = copying({ percentage: 1 });
    const { engine } = copy;
    const say = (sequence: number, acknowledgment: number, now_ms: number): void =>
      PORTS.forEach((port) =>
        engine.captured(
          segment({ flags: ACK | PSH, sequence, acknowledgment, payload: 'GET /', port }),
          now_ms,
        ),
      );
    engine.copyAsMany({ percentage: 100, copies: 1 }, 5000);
    // Of these nobody knows whether they begin a request: what was said before was not looked at.
    say(INITIAL + 1, 1, 5001);
    expect(engine.counters.sessions_joined).toBeLessThanOrEqual(10);
    say(INITIAL + 6, 11, 5002);
    expect(engine.counters.sessions_joined).toBe(1000);
  });

  test('that shrinks begins no copy of those that are not wanted any more, and ends theirs between two requests', () => {
    const copy = copying({ percentage: 50 });
    const { engine } = copy;
    expect(begin(copy, 0)).toBe(among(50));
    accept(copy, 1);
    const request = (sequence: number, acknowledgment: number, now_ms: number): void =>
      PORTS.forEach((port) =>
        engine.captured(
          segment({ flags: ACK | PSH, sequence, acknowledgment, payload: 'GET /', port }),
          now_ms,
        ),
      );
    const answer = (fields: Partial<Reply>, now_ms: number): void =>
      copy.registered.forEach((route) => engine.replied({ ...synAck, ...route, ...fields }, now_ms));
    request(INITIAL + 1, 1, 2);
    answer({ flags: ACK, sequence: 5001, acknowledgment: INITIAL + 6, payloadLength: 10 }, 2);
    engine.copyAsMany({ percentage: 20, copies: 1 }, 3);
    expect(engine.sessionCount).toBe(among(50));
    expect(engine.admission.states().filter((state) => state === 'closing')).toHaveLength(30);
    request(INITIAL + 6, 11, 4);
    answer({ flags: ACK | FIN, sequence: 5011, acknowledgment: INITIAL + 7 }, 5);
    engine.tick(2000);
    expect(engine.counters['sessions_given_up_left-out']).toBe(among(50) - among(20));
    expect(engine.admission.states().filter((state) => state === 'closing')).toHaveLength(0);
    const next = PORTS.map((port) => port + 1000);
    expect(begin(copy, 3000, next)).toBe(next.filter((port) => bucketOf(CLIENT, port) < 20).length);
    expect(engine.counters.connections_left_out).toBe(0);
  });

  test('of a gradual start grows on to what is wanted now', () => {
    const { engine } = copying({ percentage: 3, gradual: true });
    const open = (now_ms: number): number => {
      engine.admission.attend(now_ms);
      return engine.admission.open;
    };
    open(0);
    expect([1000, 2000, 60_000].map(open)).toEqual([2, 3, 3]);
    engine.copyAsMany({ percentage: 5, copies: 1 }, 60_000);
    expect([60_000, 61_000, 70_000].map(open)).toEqual([3, 4, 5]);
    engine.copyAsMany({ percentage: 2, copies: 1 }, 70_000);
    expect(open(80_000)).toBe(2);
  });
});

describe('the copies of each connection', () => {
  test('that grow are made of connections that begin', () => {
    const copy = copying();
    expect(begin(copy, 0, [PORT])).toBe(1);
    copy.engine.copyAsMany({ percentage: 100, copies: 3 }, 1);
    expect(begin(copy, 2, [PORT + 1])).toBe(3);
    expect(copy.engine.sessionCount).toBe(4);
  });

  test('that shrink go on to their end, and are made of no connection that begins', () => {
    const copy = copying({ copies: 3 });
    const { engine } = copy;
    expect(begin(copy, 0, [PORT])).toBe(3);
    accept(copy, 1);
    engine.copyAsMany({ percentage: 100, copies: 1 }, 2);
    engine.captured(segment({ flags: ACK | PSH, sequence: INITIAL + 1, payload: 'GET /' }), 3);
    expect(copy.packets.filter(({ payload }) => payload === 'GET /')).toHaveLength(3);
    expect(begin(copy, 4, [PORT + 1])).toBe(1);
    expect(engine.counters.connections_left_out).toBe(0);
    engine.captured(segment({ flags: ACK | FIN, sequence: INITIAL + 6, acknowledgment: 1 }), 5);
    engine.shutdown(6);
    expect(engine.sessionCount).toBe(0);
  });

  test('that grow join a connection that is open at its next request, of which they saw where it begins', () => {
    const copy = copying();
    const { engine } = copy;
    begin(copy, 0, [PORT]);
    accept(copy, 1);
    engine.captured(
      segment({ flags: ACK | PSH, sequence: INITIAL + 1, payload: 'GET /1', acknowledgment: 1 }),
      2,
    );
    engine.copyAsMany({ percentage: 100, copies: 2 }, 5000);
    // It follows a silence, but what was said in it was not looked at for this copy.
    engine.captured(
      segment({ flags: ACK | PSH, sequence: INITIAL + 7, payload: 'GET /2', acknowledgment: 11 }),
      5001,
    );
    expect(engine.counters.sessions_joined).toBe(0);
    engine.captured(
      segment({ flags: ACK | PSH, sequence: INITIAL + 13, payload: 'GET /3', acknowledgment: 21 }),
      5002,
    );
    expect(engine.counters.sessions_joined).toBe(1);
    expect(engine.sessionCount).toBe(2);
  });
});
