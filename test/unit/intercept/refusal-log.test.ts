import { RefusalLog } from '../../../src/intercept/refusal-log';
import type { Fields, Log } from '../../../src/process/log';

test('of a crowd a few are named, and how many there were is told with the next', () => {
  const told: Fields[] = [];
  const log: Log = {
    info: () => undefined,
    warning: (_, fields) => void told.push(fields),
    error: () => undefined,
  };
  const refusals = new RefusalLog(log, 36_524);
  for (let one = 0; one < 10_000; one += 1) refusals.tell(`198.18.0.1:${one}`, 'why', one / 10);
  expect(told.map(({ peer }) => peer)).toEqual([0, 1, 2, 3, 4].map((one) => `198.18.0.1:${one}`));
  refusals.tell('198.18.0.2:1', 'why', 10_000);
  expect(told.at(-1)).toMatchObject({ peer: '198.18.0.2:1', reason: 'why', others_before: 9995 });
});
