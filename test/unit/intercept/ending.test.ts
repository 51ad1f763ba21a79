import { BURIAL_MAX_MS, Ending, PARTING_MS, type Stage } from '../../../src/intercept/ending';
import { SILENCE_MAX_MS } from '../../../src/guard/watch';
import type { Route } from '../../../src/wire/reply';
import { burying, replyTo, routeOf, synAck, tcpcopy } from './burying';

const LOOK_EVERY_MS = 25;

function endingOf(
  { orphans, tickUntil }: ReturnType<typeof burying>,
  connections: () => Route[] | undefined,
) {
  const peers = new Set<ReturnType<typeof tcpcopy>>();
  const ending = new Ending(orphans, 0);
  let now_ms = 0;
  /** Looks until the stage is another, or the time is over. */
  const until = (stage: Stage, end_ms = 20_000): number => {
    for (; now_ms < end_ms; now_ms += LOOK_EVERY_MS) {
      if (ending.look(peers, connections, now_ms) === stage) return now_ms;
      tickUntil(now_ms, now_ms + 1);
    }
    return Infinity;
  };
  return { peers, until };
}

describe('the end of intercept', () => {
  test('comes at once when nobody ever copied', () => {
    expect(endingOf(burying(), () => []).until('over')).toBe(0);
  });

  test('gives every tcpcopy the time to hear of it, and what is under way to arrive', () => {
    const world = burying();
    world.orphans.joined(tcpcopy('one'));
    expect(PARTING_MS).toBeGreaterThan(SILENCE_MAX_MS);
    expect(endingOf(world, () => []).until('over')).toBeGreaterThanOrEqual(PARTING_MS);
  });

  test('does not come before a copy is buried whose route was registered while it lasted', () => {
    const world = burying();
    const { orphans, reset } = world;
    const peer = tcpcopy('one');
    let open: Route[] = [];
    const { peers, until } = endingOf(world, () => open);
    peers.add(peer);
    orphans.joined(peer);
    expect(until('over', 200)).toBe(Infinity);
    orphans.register(peer, routeOf(1));
    orphans.replied(synAck(routeOf(1)), 201);
    open = [routeOf(1)];
    expect(until('over', 400)).toBe(Infinity);
    expect(reset).toEqual([1]);
    orphans.register(peer, routeOf(2));
    orphans.replied(replyTo(routeOf(2)), 410);
    open = [routeOf(2)];
    expect(until('over', 600)).toBe(Infinity);
    expect(reset).toEqual([1, 2]);
    open = [];
    expect(until('over')).toBe(600);
  });

  test('buries the same where the connections cannot be seen', () => {
    const world = burying();
    const { orphans, reset } = world;
    const peer = tcpcopy('one');
    const { peers, until } = endingOf(world, () => undefined);
    peers.add(peer);
    orphans.joined(peer);
    expect(until('over', 200)).toBe(Infinity);
    orphans.register(peer, routeOf(1));
    orphans.replied(replyTo(routeOf(1)), 201);
    expect(until('over', 600)).toBe(Infinity);
    expect(reset).toEqual([1]);
    orphans.replied(replyTo(routeOf(1), { flags: 4 }), 601);
    expect(until('over')).toBe(600);
  });

  test('waits for no tcpcopy to come back', () => {
    const world = burying();
    const { orphans, reset } = world;
    const peer = tcpcopy('one');
    orphans.joined(peer);
    orphans.register(peer, routeOf(1));
    orphans.replied(replyTo(routeOf(1)), 0);
    orphans.departed(peer, 0);
    expect(endingOf(world, () => [routeOf(1)]).until('over', 400)).toBe(Infinity);
    expect(reset).toEqual([1]);
  });

  test('does not say that nothing is left when nobody answered', () => {
    const world = burying();
    const { orphans } = world;
    const peer = tcpcopy('one');
    orphans.joined(peer);
    orphans.register(peer, routeOf(1));
    orphans.departed(peer, 0);
    const { until } = endingOf(world, () => undefined);
    expect(until('given-up')).toBeLessThanOrEqual(BURIAL_MAX_MS);
    expect(orphans.unanswered).toBe(1);
  });

  test('is bounded', () => {
    const world = burying();
    world.orphans.joined(tcpcopy('one'));
    world.setProven(false);
    const { until } = endingOf(world, () => [routeOf(1)]);
    expect(until('burying')).toBeLessThan(1000);
    expect(until('given-up')).toBe(BURIAL_MAX_MS);
    expect(world.orphans.size).toBe(1);
    expect(world.said).toEqual([]);
  });
});
