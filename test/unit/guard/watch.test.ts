import { GuardWatch, SILENCE_MAX_MS, SUSPENDED_MAX_MS } from '../../../src/guard/watch';
import { ARMED, type Guard, type Stood } from '../../../src/wire/guard';

const MISSED: Guard = { level: 'suspended', reason: 'missed' };
const STOPPING: Guard = { level: 'disarmed', reason: 'stopping' };
/** intercept's clock stands elsewhere. */
const ELSEWHERE_MS = 5_000_000;

/** A watch over intercepts that hear each question at once, and what they say of the last one. */
class World {
  readonly watch: GuardWatch;
  #asked: Pick<Stood, 'asked' | 'heard_ms'> = { asked: 0, heard_ms: ELSEWHERE_MS };

  constructor(...names: string[]) {
    this.watch = new GuardWatch(names);
  }

  /** @param late_ms how long it takes to be heard */
  ask(at_ms: number, late_ms = 0): boolean {
    const asked = this.watch.question(at_ms);
    if (asked === undefined) return false;
    this.#asked = { asked, heard_ms: at_ms + late_ms + ELSEWHERE_MS };
    return true;
  }

  /** As it stood at this time. */
  stood(at_ms: number): Stood {
    return { ...this.#asked, clock_ms: at_ms + ELSEWHERE_MS, said_ms: at_ms + ELSEWHERE_MS };
  }

  /** Stood so at this time, and is heard so much later. */
  say(name: string, guard: Guard, at_ms: number, late_ms = 0): void {
    this.watch.said(name, guard, this.stood(at_ms), at_ms + late_ms);
  }
}

/** All of them are connected, and were asked at 0. */
function asked(...names: string[]): World {
  const world = new World(...names);
  for (const name of names) world.say(name, ARMED, -1);
  world.ask(0);
  return world;
}

describe('the watch over the guard', () => {
  test('is armed once every intercept is', () => {
    const world = new World('a', 'b');
    const { watch } = world;
    world.say('a', ARMED, -1);
    world.ask(0);
    world.say('a', ARMED, 0);
    expect(watch.level(1)).toBe('disarmed');
    expect(watch.reasons(1)).toEqual([{ name: 'b', reason: 'not connected yet' }]);
    world.say('b', ARMED, 2);
    world.ask(2);
    world.say('b', ARMED, 3);
    expect(watch.level(3)).toBe('armed');
    expect(watch.reasons(3)).toEqual([]);
  });

  test('is not armed by what nobody asked for', () => {
    const world = new World('a');
    world.say('a', ARMED, 0);
    expect(world.watch.level(0)).toBe('disarmed');
    expect(world.watch.caughtUntil_ms).toBe(-Infinity);
    expect(world.watch.reasons(0)).toEqual([{ name: 'a', reason: 'not connected yet' }]);
  });

  test('asks again soon where the first question was too long under way to tell enough', () => {
    const world = new World('a');
    world.say('a', ARMED, 0);
    world.ask(0, 200);
    world.say('a', ARMED, 200);
    expect(world.watch.level(200)).toBe('disarmed');
    expect(world.ask(200)).toBe(true);
    world.say('a', ARMED, 201);
    expect(world.watch.level(201)).toBe('armed');
  });

  test('is suspended at once when one of them misses a canary, and armed again', () => {
    const world = asked('a', 'b');
    for (const name of ['a', 'b']) world.say(name, ARMED, 0);
    expect(world.watch.level(0)).toBe('armed');
    world.say('b', MISSED, 10);
    expect(world.watch.level(10)).toBe('suspended');
    expect(world.watch.reasons(10)).toEqual([{ name: 'b', reason: 'missed' }]);
    world.say('a', ARMED, 20);
    world.say('b', ARMED, 20);
    expect(world.watch.level(20)).toBe('armed');
  });

  test('gives what an intercept says as the reason, and not the silence of others that nobody asks meanwhile', () => {
    const world = asked('a', 'b');
    for (const name of ['a', 'b']) world.say(name, ARMED, 0);
    world.say('b', MISSED, 10);
    for (const now_ms of [11, 500, 10_000])
      expect(world.watch.reasons(now_ms)).toEqual([{ name: 'b', reason: 'missed' }]);
    world.ask(10_000);
    world.say('b', ARMED, 10_000);
    expect(world.watch.reasons(10_001)).toEqual([
      { name: 'a', reason: expect.stringContaining('10001 ms') as string },
    ]);
  });

  test('is suspended by silence, and says how long it has lasted', () => {
    const world = asked('a');
    world.say('a', ARMED, 0);
    expect(world.watch.level(SILENCE_MAX_MS)).toBe('armed');
    expect(world.watch.level(SILENCE_MAX_MS + 1)).toBe('suspended');
    expect(world.watch.reasons(SILENCE_MAX_MS + 1)[0]!.reason).toContain(`${SILENCE_MAX_MS + 1} ms`);
  });

  test('counts what was long under way from when it stood so', () => {
    const world = asked('a');
    world.say('a', ARMED, 0);
    world.say('a', ARMED, 50, 60);
    expect(world.watch.level(130)).toBe('armed');
    // Stale when it arrives: somebody was stopped meanwhile.
    world.say('a', ARMED, 150, 800);
    expect(world.watch.level(950)).toBe('suspended');
  });

  test('is kept alive by nothing that is delayed from the first word on, however evenly', () => {
    const world = new World('a');
    const late_ms = 1000;
    world.say('a', ARMED, 0, late_ms);
    world.ask(1000);
    for (let at_ms = 1000; at_ms < 1900; at_ms += 30) {
      world.say('a', ARMED, at_ms, late_ms);
      expect(world.watch.level(at_ms + late_ms)).not.toBe('armed');
    }
  });

  test('is kept alive by nothing that is said a second time', () => {
    const world = asked('a');
    world.say('a', ARMED, 30);
    const again = world.stood(30);
    expect(world.watch.level(100)).toBe('armed');
    world.watch.said('a', ARMED, again, 200);
    expect(world.watch.level(200)).toBe('suspended');
    expect(world.watch.caughtUntil_ms).toBe(30 + SILENCE_MAX_MS);
  });

  test('takes a question that was late itself for no more than it tells, while an earlier one tells more', () => {
    const world = asked('a');
    world.say('a', ARMED, 0);
    world.ask(500, 200);
    world.say('a', ARMED, 700);
    expect(world.watch.caughtUntil_ms).toBe(700 + SILENCE_MAX_MS);
  });

  test('says until when all of them catch, also while it still counts as armed', () => {
    const world = asked('a', 'b');
    const { watch } = world;
    expect(watch.caughtUntil_ms).toBe(-Infinity);
    world.say('a', ARMED, 0);
    world.say('b', ARMED, 20);
    expect(watch.caughtUntil_ms).toBe(SILENCE_MAX_MS);
    world.say('a', ARMED, 30);
    expect(watch.caughtUntil_ms).toBe(20 + SILENCE_MAX_MS);
    world.say('a', STOPPING, 40);
    expect(watch.caughtUntil_ms).toBe(20 + SILENCE_MAX_MS);
    world.say('b', MISSED, 50);
    expect(watch.caughtUntil_ms).toBe(-Infinity);
  });

  test('is disarmed when the guard does not come back, until it does', () => {
    const world = asked('a');
    const { watch } = world;
    world.say('a', ARMED, 0);
    watch.level(0);
    watch.lost('a', 'gone');
    expect(watch.level(10)).toBe('suspended');
    expect(watch.level(10 + SUSPENDED_MAX_MS - 1)).toBe('suspended');
    expect(watch.level(10 + SUSPENDED_MAX_MS)).toBe('disarmed');
    expect(watch.suspensions).toBe(1);
    world.say('a', ARMED, 9000);
    world.ask(9000);
    world.say('a', ARMED, 9000);
    expect(watch.level(9000)).toBe('armed');
  });

  test('was never armed, and so is never suspended', () => {
    const world = asked('a');
    world.say('a', MISSED, 0);
    expect(world.watch.level(1)).toBe('disarmed');
    expect(world.watch.suspensions).toBe(0);
  });

  test('is disarmed in order by an intercept that stops, without a suspension', () => {
    const world = asked('a');
    world.say('a', ARMED, 0);
    expect(world.watch.level(0)).toBe('armed');
    world.say('a', STOPPING, 1);
    expect(world.watch.level(1)).toBe('disarmed');
  });

  test('takes an intercept that stops behind a rest at its word when that answers a question', () => {
    const world = asked('a');
    const { watch } = world;
    world.say('a', ARMED, 0);
    watch.level(0);
    expect(watch.level(60_000)).toBe('armed');
    world.say('a', STOPPING, 60_000);
    expect(watch.level(60_000)).toBe('suspended');
    world.ask(60_000);
    world.say('a', STOPPING, 60_001);
    expect(watch.level(60_001)).toBe('disarmed');
    expect(watch.caughtUntil_ms).toBe(60_001 + SILENCE_MAX_MS);
    expect(watch.suspensions).toBe(0);
  });

  test('asks before something is sent, and not for each packet; behind a rest nothing counts as lost', () => {
    const world = asked('a');
    const { watch } = world;
    world.say('a', ARMED, 0);
    expect(watch.level(0)).toBe('armed');
    expect(world.ask(499)).toBe(false);
    expect(world.ask(500)).toBe(true);
    world.say('a', ARMED, 1400);
    watch.level(1400);
    expect(watch.isAtRest(1499)).toBe(false);
    expect(watch.isAtRest(1500)).toBe(true);
    // Said once a second meanwhile, of a question that tells nothing any more.
    world.say('a', ARMED, 60_000);
    expect(watch.level(60_000)).toBe('armed');
    expect(watch.caughtUntil_ms).toBe(1400 + SILENCE_MAX_MS);
    expect(world.ask(60_100)).toBe(true);
    expect(watch.level(60_100)).toBe('suspended');
    world.say('a', ARMED, 60_101);
    expect(watch.level(60_101)).toBe('armed');
    expect(watch.suspensions).toBe(0);
  });

  test('asks again as soon as there is somebody who hears it', () => {
    const world = new World('a');
    expect(world.ask(0)).toBe(true);
    world.say('a', ARMED, 10);
    expect(world.ask(11)).toBe(true);
    world.say('a', ARMED, 20);
    expect(world.ask(21)).toBe(false);
    world.watch.lost('a', 'gone');
    expect(world.ask(520)).toBe(true);
    world.say('a', ARMED, 530);
    expect(world.ask(531)).toBe(true);
  });

  test('waits for workers of an intercept that it did not know of, and not for those that are gone', () => {
    const world = asked('a');
    world.ask(0);
    world.say('a', ARMED, 1);
    expect(world.watch.level(2)).toBe('armed');
    world.watch.watch(['a', 'a2']);
    expect(world.watch.level(3)).toBe('suspended');
    expect(world.watch.reasons(3).map(({ name }) => name)).toEqual(['a2']);
    world.say('a2', ARMED, 4);
    expect(world.watch.level(5)).toBe('armed');
    world.watch.lost('a2', 'gone');
    expect(world.watch.level(6)).toBe('suspended');
    world.watch.watch(['a']);
    expect(world.watch.level(7)).toBe('armed');
  });
});
