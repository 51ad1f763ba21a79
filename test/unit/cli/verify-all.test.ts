import { setTimeout as sleep } from 'node:timers/promises';
import { atATime } from '../../../lab/cli/commands/proof/at-a-time';
import { labsAtATime } from '../../../lab/cli/commands/proof/verify-all';

const GIBIBYTE = 2 ** 30;
const never = new AbortController().signal;

test.each([
  [1, 8, 1],
  [2, 8, 1],
  [4, 8, 2],
  [16, 3.5, 3],
  [16, 0.2, 1],
])('%d cores and %d GiB are enough for %d labs at a time', (cores, gibibytes, labs) => {
  expect(labsAtATime(cores, gibibytes * GIBIBYTE)).toBe(labs);
});

describe('work on several things', () => {
  /** How many were under way at the same time, and what was begun. */
  async function watch(limit: number, items: readonly number[], failing?: number, signal = never) {
    const begun: number[] = [];
    let underWay = 0;
    let most = 0;
    const work = async (item: number, stop: AbortSignal): Promise<void> => {
      begun.push(item);
      most = Math.max(most, (underWay += 1));
      await sleep(item === failing ? 1 : 10);
      underWay -= 1;
      if (item === failing) throw new Error('no');
      stop.throwIfAborted();
    };
    const outcome = await atATime(limit, items, work, signal).then(
      () => 'done',
      (failure: unknown) => (failure as Error).message,
    );
    return { begun, most, underWay, outcome };
  }

  test('does all of it, in order, and never more than the limit at a time', async () => {
    expect(await watch(2, [1, 2, 3, 4, 5])).toEqual({
      begun: [1, 2, 3, 4, 5],
      most: 2,
      underWay: 0,
      outcome: 'done',
    });
    expect(await watch(1, [1, 2, 3])).toMatchObject({ most: 1, outcome: 'done' });
  });

  test('begins nothing more when one fails, and waits for those under way', async () => {
    const { begun, underWay, outcome } = await watch(2, [1, 2, 3, 4, 5], 1);
    expect({ begun, underWay, outcome }).toEqual({ begun: [1, 2], underWay: 0, outcome: 'no' });
  });

  test('begins nothing when it is interrupted before', async () => {
    const { begun, outcome } = await watch(2, [1, 2], undefined, AbortSignal.abort(new Error('interrupted')));
    expect({ begun, outcome }).toEqual({ begun: [], outcome: 'interrupted' });
  });
});
