/** Engines that take a question and say nothing. */
import { jest } from '@jest/globals';
import type { Engine } from '../../../../lab/engine/docker/connection';
import { inTime } from '../../../../lab/engine/docker/in-time';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const engine = (): Engine => ({ name: 'b', address: 'unix:///run/b.sock' }) as Engine;
/** As a question to a daemon that is stopped. */
const never = (abortSignal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(new Error('aborted'))));

async function waited_s(asked: Promise<unknown>): Promise<number> {
  const began_ms = Date.now();
  const failure = asked.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  await jest.advanceTimersByTimeAsync(30_000);
  const [, within = ''] = /no answer within (\d+) s/.exec((await failure) ?? '') ?? [];
  expect(Date.now() - began_ms).toBe(30_000);
  return Number(within);
}

test('one that is silent is waited for once, and less until it has answered again', async () => {
  const [one, other] = [engine(), engine()];
  expect(await waited_s(inTime(one, never))).toBe(15);
  expect(await waited_s(inTime(one, never))).toBe(1);
  expect(await waited_s(inTime(other, never))).toBe(15);
  expect(await inTime(one, () => Promise.resolve('here'))).toBe('here');
  expect(await waited_s(inTime(one, never))).toBe(15);
});

test('what it says is told as it is', async () => {
  await expect(inTime(engine(), () => Promise.reject(new Error('no such container')))).rejects.toThrow(
    'no such container',
  );
});
