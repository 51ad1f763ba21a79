import { COMEBACK_MAX_MS } from '../../../src/guard/burial';
import { SUSPENDED_MAX_MS } from '../../../src/guard/watch';
import { burying, PASSLISTED, replyTo, routeOf, ROUND_MS, SERVER, synAck, tcpcopy } from './burying';

const one = routeOf(1);

describe('a living copy', () => {
  test('whose route was lost with the control channel is not reset', () => {
    const { orphans, said, tickUntil } = burying();
    const [before, after] = [tcpcopy('before'), tcpcopy('after')];
    orphans.joined(before);
    orphans.departed(before, 0);
    // Its route left with the channel that broke, its SYN did arrive.
    orphans.replied(synAck(one), 10);
    tickUntil(10, SUSPENDED_MAX_MS);
    orphans.joined(after);
    orphans.register(after, one);
    tickUntil(SUSPENDED_MAX_MS, 20_000);
    expect(said).toEqual([]);
    expect(orphans.replied(replyTo(one), 20_000)).toBe(after);
  });

  test('is not reset by an intercept that knows nothing yet, and hears of another tcpcopy first', () => {
    const { orphans, said, tickUntil } = burying();
    const [first, second] = [tcpcopy('first'), tcpcopy('second')];
    orphans.joined(first);
    orphans.replied(replyTo(one), 0);
    tickUntil(0, SUSPENDED_MAX_MS + ROUND_MS);
    orphans.joined(second);
    orphans.register(second, one);
    tickUntil(SUSPENDED_MAX_MS + ROUND_MS, 20_000);
    expect(said).toEqual([]);
  });

  test('of a tcpcopy that keeps it for as long as it may is still its own', () => {
    const { orphans, said, gone, tickUntil } = burying();
    const [before, after] = [tcpcopy('before'), tcpcopy('after')];
    orphans.joined(before);
    orphans.register(before, one);
    orphans.departed(before, 0);
    // A little later than tcpcopy lost the channel.
    tickUntil(0, SUSPENDED_MAX_MS + 500);
    orphans.joined(after);
    orphans.register(after, one);
    tickUntil(SUSPENDED_MAX_MS + 500, 20_000);
    expect(said).toEqual([]);
    expect(gone).toEqual([['before', 0]]);
  });

  test('whose SYN-ACK overtakes its route is not reset for the orphan that was on its ports', () => {
    const { orphans, reset, tickUntil } = burying();
    const peer = tcpcopy('one');
    orphans.joined(peer);
    orphans.register(peer, one);
    orphans.replied(replyTo(one), 0);
    orphans.abandoned(peer, [one], 10);
    tickUntil(10, 40);
    expect(reset).toEqual([1]);
    expect(orphans.replied(synAck(one), 50)).toBeUndefined();
    tickUntil(60, 300);
    // And it hears of it, as if it had been in time.
    expect(orphans.register(peer, one)).toEqual([synAck(one)]);
    tickUntil(300, 20_000);
    expect(reset).toEqual([1]);
    expect(orphans.counters).toMatchObject({ orphans_found: 1, orphans_taken_over: 1 });
  });
});

test('a new copy is not reset for the one before, which is abandoned behind its SYN-ACK', () => {
  const { orphans, reset, tickUntil } = burying();
  const peer = tcpcopy('one');
  orphans.joined(peer);
  orphans.register(peer, one);
  orphans.replied(replyTo(one), 0);
  // The control channel is slower than the test server.
  orphans.replied(synAck(one), 5000);
  orphans.abandoned(peer, [one], 5010);
  tickUntil(5010, 5200);
  orphans.register(peer, one);
  tickUntil(5200, 20_000);
  expect(reset).toEqual([]);
});

describe('an orphan', () => {
  test('is what a tcpcopy held that did not come back', () => {
    const { orphans, reset, gone, tickUntil } = burying();
    const peer = tcpcopy('one');
    orphans.joined(peer);
    orphans.register(peer, one);
    orphans.replied(replyTo(one), 0);
    orphans.departed(peer, 0);
    expect(orphans.endpoints()).toEqual([SERVER]);
    tickUntil(0, COMEBACK_MAX_MS);
    expect(reset).toEqual([]);
    tickUntil(COMEBACK_MAX_MS, COMEBACK_MAX_MS + ROUND_MS);
    expect(reset).toEqual([1]);
    expect(gone).toEqual([['one', 1]]);
    orphans.replied(replyTo(one, { flags: 4 }), 4000);
    expect(orphans.size).toBe(0);
    expect(orphans.endpoints()).toEqual([]);
  });

  test('is buried only where the guard was proven', () => {
    const { orphans, said, tickUntil, setProven } = burying();
    const peer = tcpcopy('one');
    orphans.joined(peer);
    orphans.register(peer, one);
    orphans.abandoned(peer, [one], 0);
    setProven(false);
    tickUntil(0, 1000);
    orphans.replied(replyTo(one), 1000);
    tickUntil(1000, 10_000);
    expect(said).toEqual([]);
    setProven(true);
    tickUntil(10_000, 10_001);
    expect(said).not.toEqual([]);
  });

  test('is nobody on the passlist, and at no endpoint that is not copied', () => {
    const { orphans, said, tickUntil } = burying();
    orphans.joined(tcpcopy('one'));
    const neighbours = [routeOf(1, PASSLISTED), { ...routeOf(2), serverPort: 22 }];
    for (const neighbour of neighbours) orphans.replied(replyTo(neighbour), 0);
    orphans.reconcile(neighbours, 0);
    orphans.forgetAll([], 0);
    tickUntil(0, 10_000);
    expect(said).toEqual([]);
    expect(orphans.size).toBe(0);
  });

  test('is counted until it is over, and then as what it was', () => {
    const { orphans, tickUntil } = burying();
    const peer = tcpcopy('one');
    orphans.joined(peer);
    const routes = [1, 2, 3, 4].map((port) => routeOf(port));
    for (const route of routes) orphans.register(peer, route);
    orphans.abandoned(peer, routes, 0);
    tickUntil(0, 100);
    orphans.replied(replyTo(routes[0]!, { flags: 4 }), 100);
    orphans.register(peer, routes[1]!);
    const { orphans_found, orphans_buried, orphans_taken_over, orphans_unanswered } = orphans.counters;
    expect(orphans_found).toBe(4);
    expect([orphans_buried, orphans_taken_over, orphans_unanswered, orphans.size]).toEqual([1, 1, 0, 2]);
  });
});
