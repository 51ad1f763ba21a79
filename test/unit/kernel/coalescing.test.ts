import { Intervals } from '../../../src/kernel/coalescing';
import { idleCores, IdleCores } from '../../../src/kernel/idle-cores';

/** After that many cores have been idle for long. */
const promptWith = (cores: number): Intervals => {
  const intervals = new Intervals('prompt');
  for (let reading = 0; reading < 20; reading += 1) intervals.idle(cores);
  return intervals;
};

describe('how long a turn is put off', () => {
  test('is less where more came, and where somebody waits', () => {
    const crowded = new Intervals('crowded');
    expect([crowded.next_us(1, false), crowded.next_us(64, false), crowded.next_us(64, true)]).toEqual([
      2000, 1000, 400,
    ]);
  });

  test('is no time while a core is idle, and as long as in a crowd while all are busy', () => {
    expect(promptWith(1).next_us(1, false)).toBe(0);
    expect(promptWith(0.4).next_us(1, false)).toBe(0);
    for (const idle of [0, 0.05]) {
      expect(promptWith(idle).next_us(1, false)).toBe(2000);
      expect(promptWith(idle).next_us(64, false)).toBe(1000);
      expect(promptWith(idle).next_us(1, true)).toBe(400);
    }
  });

  test('grows bit by bit as the machine has less to spare', () => {
    const waits = [0.4, 0.3, 0.2, 0.15, 0.05].map((idle) => promptWith(idle).next_us(1, false));
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
    expect(new Set(waits).size).toBe(waits.length);
  });

  test('is that of a busy machine until it is known how busy it is', () => {
    const intervals = new Intervals('prompt');
    expect(intervals.next_us(1, false)).toBe(2000);
    intervals.idle(undefined);
    expect(intervals.next_us(1, false)).toBe(2000);
  });

  test('does not follow a single reading', () => {
    const intervals = promptWith(2);
    intervals.idle(0);
    expect(intervals.next_us(1, false)).toBe(0);
    for (let reading = 0; reading < 10; reading += 1) intervals.idle(0);
    expect(intervals.next_us(1, false)).toBeGreaterThan(1900);
  });

  test('is what it was said to be, whatever the machine does, but no more than waiting words bear', () => {
    const fixed = new Intervals(5000);
    fixed.idle(2);
    expect([fixed.next_us(1, false), fixed.next_us(500, false), fixed.next_us(1, true)]).toEqual([
      5000, 5000, 400,
    ]);
    expect(new Intervals(0).next_us(64, true)).toBe(0);
  });
});

describe('idle cores', () => {
  test('are what has become idle over what has passed since they were asked for last', () => {
    const texts = ['100.00 150.00\n', '100.50 150.25\n', '100.50 150.25\n', '101.50 152.25\n'];
    const cores = new IdleCores(() => texts.shift());
    expect([1, 2, 3, 4, 5].map(() => cores.number())).toEqual([undefined, 0.5, undefined, 2, undefined]);
  });

  test('are no more than this machine has', async () => {
    const cores = idleCores();
    expect(cores.number()).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(cores.number()).toBeGreaterThanOrEqual(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(cores.number()).toBeLessThan(1024);
  });
});
