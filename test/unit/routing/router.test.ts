import { Router } from '../../../src/routing/router';
import type { Reply, Route } from '../../../src/wire/reply';

const routeOf = (clientPort: number, serverPort = 8080): Route => ({
  clientAddress: 10,
  clientPort,
  serverAddress: 30,
  serverPort,
});
const replyTo = (route: Route, sequence = 0): Reply => ({
  ...route,
  sequence,
  acknowledgment: 0,
  flags: 16,
  window: 0,
  payloadLength: 0,
  maximumSegmentSize: undefined,
  windowScale: undefined,
  at_ms: 5,
});

describe('the router', () => {
  test('gives a reply to who registered its route', () => {
    const router = new Router<string>();
    router.register('a', routeOf(1));
    router.register('b', routeOf(2));
    router.register('b', routeOf(1, 9090));
    expect(router.route(replyTo(routeOf(1)), 0)).toBe('a');
    expect(router.route(replyTo(routeOf(2)), 0)).toBe('b');
    expect(router.route(replyTo(routeOf(1, 9090)), 0)).toBe('b');
  });

  test('keeps replies that come before their route, in order', () => {
    const router = new Router<string>();
    expect(router.route(replyTo(routeOf(1), 1), 0)).toBeUndefined();
    expect(router.route(replyTo(routeOf(2), 9), 0)).toBeUndefined();
    expect(router.route(replyTo(routeOf(1), 2), 0)).toBeUndefined();
    expect(router.register('a', routeOf(1))?.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(router.counters).toMatchObject({ replies_waited: 3, replies_routed: 2 });
  });

  test('keeps a reply that waits as it came, though it was lent', () => {
    const router = new Router<string>();
    const lent = { ...replyTo(routeOf(1), 1) };
    router.route(lent, 0);
    lent.sequence = 2;
    expect(router.register('a', routeOf(1))).toEqual([replyTo(routeOf(1), 1)]);
  });

  test('counts replies that nobody claims in time', () => {
    const router = new Router<string>();
    router.route(replyTo(routeOf(1)), 0);
    router.expire(5000);
    expect(router.counters.replies_unclaimed).toBe(1);
    expect(router.register('a', routeOf(1))).toEqual([]);
  });

  test('holds a bounded number of unclaimed replies', () => {
    const router = new Router<string>();
    for (let port = 0; port < 10_000; port += 1) router.route(replyTo(routeOf(port)), 0);
    expect(router.counters.replies_unclaimed).toBe(10_000 - 4096);
    // The newest are kept: their routes may still be on the way.
    expect(router.register('a', routeOf(1))).toEqual([]);
    expect(router.register('a', routeOf(9_999))).toHaveLength(1);
  });

  test('refuses what a peer registers beyond its bound, and leaves the others theirs', () => {
    const router = new Router<string>(() => false, 2);
    for (const port of [1, 2, 3]) router.register('a', routeOf(port));
    expect(router.counters).toMatchObject({ routes: 2, routes_refused_limit: 1 });
    expect(router.register('b', routeOf(3))).toEqual([]);
    router.unregister('a', routeOf(1));
    expect(router.register('a', routeOf(4))).toEqual([]);
  });

  test('refuses a route that another peer holds, and lets only the holder give it up', () => {
    const router = new Router<string>();
    router.register('a', routeOf(1));
    expect(router.register('b', routeOf(1))).toBeUndefined();
    router.unregister('b', routeOf(1));
    expect(router.route(replyTo(routeOf(1)), 0)).toBe('a');
    router.unregister('a', routeOf(1));
    expect(router.register('b', routeOf(1))).toEqual([]);
    expect(router.counters).toMatchObject({ routes: 1, routes_refused_taken: 1 });
  });

  test('forgets all routes of a peer that is gone', () => {
    const router = new Router<string>();
    router.register('a', routeOf(1));
    router.register('a', routeOf(2, 9090));
    router.register('b', routeOf(3));
    expect(router.forget('a').map(({ route }) => route)).toEqual([routeOf(1), routeOf(2, 9090)]);
    expect(router.counters.routes).toBe(1);
    expect(router.route(replyTo(routeOf(3)), 0)).toBe('b');
  });

  test('keeps the routes of a peer that was lost for whoever comes back, with the replies meanwhile', () => {
    const router = new Router<string>();
    router.register('a', routeOf(1));
    router.register('a', routeOf(2));
    router.depart('a');
    expect(router.route(replyTo(routeOf(1)), 0)).toBeUndefined();
    expect(router.register('a again', routeOf(1))).toHaveLength(1);
    expect(router.route(replyTo(routeOf(1)), 1)).toBe('a again');
    expect(router.forget('a').map(({ route }) => route)).toEqual([routeOf(2)]);
    expect(router.counters.routes).toBe(1);
  });

  test('knows of what is given up what the test server acknowledged last', () => {
    const router = new Router<string>();
    router.register('a', routeOf(1));
    router.route({ ...replyTo(routeOf(1)), flags: 16, acknowledgment: 77 }, 0);
    expect(router.unregister('b', routeOf(1))).toBeUndefined();
    expect(router.unregister('a', routeOf(1))).toMatchObject({ route: routeOf(1), acknowledgment: 77 });
    expect(router.isHeld(routeOf(1))).toBe(false);
  });
});
