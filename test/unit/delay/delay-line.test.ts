import { DelayLine } from '../../../lab/delay/delay-line';
import { randomFrom } from '../../../lab/load/requests/random';

const never = (): number => 1;

test('a packet waits its time, and goes with those before it', () => {
  const line = new DelayLine({ delay_ms: 20, overtaking: 0, chance: never });
  expect(line.next_ms).toBeUndefined();
  expect([line.enter(1, 100), line.enter(2, 105), line.enter(3, 130)]).toEqual(['waits', 'waits', 'waits']);
  expect(line.next_ms).toBe(120);
  expect(line.leave(119.9)).toBeUndefined();
  expect(line.leave(126)).toBe(2);
  expect(line.leave(126)).toBeUndefined();
  expect(line.next_ms).toBe(150);
  expect(line.leave(150)).toBe(3);
  expect(line.next_ms).toBeUndefined();
});

test('the share that overtakes goes at once, and the seed says which', () => {
  const overtaking = (seed: number): number[] => {
    const random = randomFrom(seed);
    const line = new DelayLine({ delay_ms: 5, overtaking: 0.1, chance: () => random.fraction() });
    return Array.from({ length: 10_000 }, (_, packet) => packet).filter(
      (packet) => line.enter(packet, packet) === 'goes',
    );
  };
  const [first, again, other] = [overtaking(7), overtaking(7), overtaking(8)];
  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
  expect(Math.abs(first.length - 1_000)).toBeLessThan(100);
});

test('a long line keeps its order', () => {
  const line = new DelayLine({ delay_ms: 1_000, overtaking: 0, chance: never });
  for (let packet = 0; packet < 5_000; packet += 1) line.enter(packet, packet);
  for (let packet = 0; packet < 5_000; packet += 1) expect(line.leave(packet + 1_000)).toBe(packet);
  expect(line.next_ms).toBeUndefined();
});
