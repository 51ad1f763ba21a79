import { Burial, COMEBACK_MAX_MS } from '../../../src/guard/burial';
import { SUSPENDED_MAX_MS } from '../../../src/guard/watch';
import type { Reply, Route } from '../../../src/wire/reply';
import { emptySegmentView, viewSegment } from '../../../src/wire/segment';
import { ACK, RST, SYN } from '../../../src/wire/tcp';
import { replyTo } from '../intercept/burying';

const routeOf = (clientPort: number): Route => ({
  clientAddress: 1,
  clientPort,
  serverAddress: 3,
  serverPort: 8080,
});
const route = routeOf(2);
const reply = (fields: Partial<Reply>): Reply => replyTo(route, { acknowledgment: 0, ...fields });
const always = (): boolean => true;
/** Between two rounds of the guard. */
const ROUND_MS = 30;

function burying(isOneOfMany = false) {
  const said: [number, number][] = [];
  const ports: number[] = [];
  const view = emptySegmentView();
  const burial = new Burial(
    {
      send: (packet, destination) => {
        expect(viewSegment(view, packet, 0, packet.length, 'whole')).toBeUndefined();
        expect([view.source, view.destination, destination]).toEqual([1, 3, 3]);
        said.push([view.flags, view.sequence]);
        ports.push(view.sourcePort);
      },
      random: () => 42,
    },
    isOneOfMany,
  );
  const tickUntil = (from_ms: number, to_ms: number): void => {
    for (let now_ms = from_ms; now_ms < to_ms; now_ms += ROUND_MS) burial.tick(now_ms, always);
  };
  return { burial, said, ports, tickUntil };
}

describe('an orphan', () => {
  test('is reset with what the test server expects, and asked whether it is gone', () => {
    const { burial, said } = burying();
    burial.bury({ route: route, expected: 1000 }, 0);
    burial.tick(0, always);
    expect(said).toEqual([
      [RST, 1000],
      [ACK, 999],
    ]);
    expect(burial.replied(reply({ flags: RST }), 1)).toBe(true);
    expect(burial.size).toBe(0);
    expect(burial.counters).toMatchObject({ orphans_found: 1, orphans_buried: 1 });
  });

  test('that was never heard is asked first, and reset with its answer', () => {
    const { burial, said, tickUntil } = burying();
    burial.bury({ route: route, expected: undefined }, 0);
    burial.tick(0, always);
    expect(said).toEqual([[ACK, 42]]);
    burial.replied(reply({ acknowledgment: 5000 }), 1);
    tickUntil(1, 1 + COMEBACK_MAX_MS + ROUND_MS);
    expect(said.slice(1)).toEqual([
      [RST, 5000],
      [ACK, 4999],
    ]);
  });

  test('is asked again when nobody answers, and given up in the end', () => {
    const { burial, said, tickUntil } = burying();
    burial.bury({ route: route, expected: 1000 }, 0);
    tickUntil(0, 20_000);
    expect(said).toHaveLength(32);
    expect(burial.size).toBe(0);
    expect(burial.counters).toMatchObject({ orphans_buried: 0, orphans_unanswered: 1 });
  });

  test('is left alone while its answer could not be caught', () => {
    const { burial, said } = burying();
    burial.bury({ route: route, expected: 1000 }, 0);
    burial.tick(0, () => false);
    expect(said).toEqual([]);
    burial.tick(30, always);
    expect(said).toHaveLength(2);
  });

  test('says nothing to what it reads before the guard is proven again', () => {
    const { burial, said } = burying();
    burial.bury({ route: route, expected: undefined }, 0);
    burial.tick(0, always);
    said.length = 0;
    burial.replied(reply({ acknowledgment: 5000 }), 1);
    burial.hurry(1);
    expect(said).toEqual([]);
    burial.tick(30, () => false);
    expect(said).toEqual([]);
    burial.tick(60, always);
    expect(said).toHaveLength(2);
  });

  test('is none when somebody copies it after all', () => {
    const { burial, said } = burying();
    burial.bury({ route: route, expected: 1000 }, 0);
    burial.takenOver(route);
    burial.tick(0, always);
    expect(said).toEqual([]);
    expect(burial.size).toBe(0);
    expect(burial.counters).toMatchObject({ orphans_found: 1, orphans_taken_over: 1 });
  });

  test('loses no attempt by what the test server says of its own accord', () => {
    const { burial, said, tickUntil } = burying();
    burial.bury({ route: route, expected: 1000 }, 0);
    burial.tick(0, always);
    for (let word = 0; word < 100; word += 1) burial.replied(reply({ acknowledgment: 1000 }), 1);
    // Nor is each of them answered, so that no two machines talk for ever.
    expect(said).toHaveLength(2);
    tickUntil(1, 9000);
    expect(said).toHaveLength(30);
    expect(burial.counters.orphans_unanswered).toBe(0);
  });

  test('does not wait behind those that were asked before it', () => {
    const { burial, ports } = burying();
    burial.bury({ route: routeOf(10), expected: 1000 }, 0);
    burial.tick(0, always);
    burial.bury({ route: routeOf(11), expected: 1000 }, 10);
    burial.tick(30, always);
    expect(ports).toEqual([10, 10, 11, 11]);
  });

  test('has its turn although more are there than a turn has attempts for', () => {
    const { burial, ports } = burying();
    for (let port = 1; port <= 600; port += 1) burial.bury({ route: routeOf(port), expected: 1000 }, 0);
    burial.tick(0, always);
    burial.bury({ route: routeOf(1000), expected: 1000 }, 601);
    burial.tick(601, always);
    // The hundred that had no turn, then the new one, and only then those that were asked.
    expect(ports.slice(2 * 600, 2 * 602)).toEqual([1000, 1000, 1, 1]);
  });

  test('that has heard somebody since is left alone for as long as a route may take', () => {
    const { burial, said, tickUntil } = burying();
    burial.bury({ route: route, expected: 1000 }, 0);
    burial.tick(0, always);
    said.length = 0;
    burial.replied(reply({ acknowledgment: 1100 }), 10);
    tickUntil(10, 10 + COMEBACK_MAX_MS);
    expect(said).toEqual([]);
    tickUntil(10 + COMEBACK_MAX_MS, 10 + COMEBACK_MAX_MS + ROUND_MS);
    expect(said[0]).toEqual([RST, 1100]);
    expect(burial.counters.orphans_found).toBe(1);
  });
});

describe('a connection that nobody has registered', () => {
  test('is an orphan only when its tcpcopy can have come back', () => {
    expect(COMEBACK_MAX_MS).toBeGreaterThan(SUSPENDED_MAX_MS);
    const { burial, said, tickUntil } = burying();
    expect(burial.replied(reply({ acknowledgment: 1000 }), 0)).toBe(false);
    tickUntil(0, COMEBACK_MAX_MS);
    expect(said).toEqual([]);
    expect(burial.size).toBe(0);
    tickUntil(COMEBACK_MAX_MS, COMEBACK_MAX_MS + ROUND_MS);
    expect(said).toEqual([
      [RST, 1000],
      [ACK, 999],
    ]);
    expect(burial.counters.orphans_found).toBe(1);
  });

  test('and is registered in time was no orphan at all', () => {
    const { burial, said, tickUntil } = burying();
    burial.replied(reply({ acknowledgment: 1000 }), 0);
    burial.takenOver(route);
    tickUntil(0, 2 * COMEBACK_MAX_MS);
    expect(said).toEqual([]);
    expect(burial.counters).toMatchObject({ orphans_found: 0, orphans_taken_over: 0 });
    expect([...burial.servers()]).toEqual([]);
  });

  test('is another one than the orphan that was on its ports', () => {
    const { burial, said, tickUntil } = burying();
    burial.bury({ route: route, expected: 1000 }, 0);
    burial.tick(0, always);
    said.length = 0;
    // The copy goes on where the one before was: the same number is expected, by another connection.
    expect(burial.replied(reply({ flags: SYN | ACK, sequence: 7, acknowledgment: 1000 }), 1)).toBe(false);
    expect(burial.replied(reply({ flags: SYN | ACK, sequence: 7, acknowledgment: 1000 }), 900)).toBe(false);
    tickUntil(1, COMEBACK_MAX_MS);
    expect(said).toEqual([]);
    tickUntil(COMEBACK_MAX_MS, COMEBACK_MAX_MS + 2 * ROUND_MS);
    expect(said[0]).toEqual([RST, 1000]);
  });

  test('hears for itself that the test server refuses it', () => {
    const { burial } = burying();
    burial.bury({ route: route, expected: 1000 }, 0);
    expect(burial.replied(reply({ flags: RST | ACK, acknowledgment: 501 }), 1)).toBe(false);
    expect(burial.size).toBe(0);
  });

  test('is buried at once when nobody can come back any more', () => {
    const { burial, said } = burying();
    burial.replied(reply({ acknowledgment: 1000 }), 0);
    burial.hurry(1);
    expect(burial.size).toBe(1);
    burial.replied(reply({ clientPort: 5, acknowledgment: 10 }), 2);
    expect(burial.size).toBe(2);
    burial.tick(3, always);
    expect(said).toHaveLength(4);
  });

  test('that was never heard is left to the other workers soon, where these hear what it answers', () => {
    const { burial, said, tickUntil } = burying(true);
    burial.bury({ route, expected: undefined }, 0);
    tickUntil(0, 10_000);
    expect(said).toEqual([
      [ACK, 42],
      [ACK, 42],
      [ACK, 42],
    ]);
    expect(burial.counters).toMatchObject({ orphans_found: 1, orphans_elsewhere: 1, orphans_unanswered: 0 });
  });

  test("that was heard here is this worker's, and asked as often as by one alone", () => {
    const { burial, said, tickUntil } = burying(true);
    burial.bury({ route, expected: 1000 }, 0);
    tickUntil(0, 20_000);
    expect(said.filter(([flags]) => flags === RST)).toHaveLength(16);
    expect(burial.counters).toMatchObject({ orphans_elsewhere: 0, orphans_unanswered: 1 });
  });
});
