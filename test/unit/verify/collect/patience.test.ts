import { setTimeout as sleep } from 'node:timers/promises';
import { allSettled } from '../../../../lab/verify/collect/all-settled';
import { Cleanup } from '../../../../lab/verify/collect/cleanup';
import { settle } from '../../../../lab/verify/collect/settle';

const never = new AbortController().signal;

describe('waiting for the test server', () => {
  /** Answers with these numbers, and then with the last of them again and again. */
  const answers = (...numbers: number[]) => {
    let at = 0;
    const count = () => Promise.resolve(numbers[Math.min(at++, numbers.length - 1)]!);
    return { count, asked: () => at };
  };
  const patience = { patience_ms: 120, linger_ms: 0 };

  test('ends when it has caught up', async () => {
    const { count, asked } = answers(1, 2, 3);
    await settle(count, 3, patience, never);
    expect(asked()).toBe(3);
  });

  test('goes on while it makes progress, however long it takes', async () => {
    const { count, asked } = answers(1, 2, 3, 4, 5, 6, 7, 8);
    await settle(count, 8, patience, never);
    expect(asked()).toBe(8);
  });

  test('is given up when it makes none', async () => {
    const { count, asked } = answers(1, 2);
    await settle(count, 3, patience, never);
    expect(asked()).toBeGreaterThan(2);
  });

  test('lingers for what comes late', async () => {
    const began_ms = performance.now();
    await settle(answers(3).count, 3, { patience_ms: 1_000, linger_ms: 60 }, never);
    expect(performance.now() - began_ms).toBeGreaterThan(55);
  });

  test('can be interrupted', async () => {
    const controller = new AbortController();
    const waiting = settle(answers(0).count, 3, { patience_ms: 10_000, linger_ms: 0 }, controller.signal);
    controller.abort(new Error('interrupted'));
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a cleanup', () => {
  test('undoes in reverse order, and goes on after a failure', async () => {
    const done: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add(() => Promise.resolve(done.push('first')));
    cleanup.add(() => Promise.reject(new Error('no')));
    cleanup.add(() => Promise.resolve(done.push('last')));
    expect(await cleanup.run()).toEqual([new Error('no')]);
    expect(done).toEqual(['last', 'first']);
    expect(await cleanup.run()).toEqual([]);
    expect(done).toHaveLength(2);
  });
});

describe('works side by side', () => {
  test('give their results in order', async () => {
    expect(await allSettled([sleep(5, 'slow'), sleep(0, 'quick')])).toEqual(['slow', 'quick']);
  });

  test('fail only when none of them is under way any more', async () => {
    let ended = false;
    const slow = sleep(20).then(() => (ended = true));
    await expect(allSettled([Promise.reject(new Error('no')), slow])).rejects.toThrow('no');
    expect(ended).toBe(true);
  });
});
