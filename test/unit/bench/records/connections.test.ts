import { accountOf, type Place } from '../../../../bench/records/connections';

/** @param ordinals of one connection */
const places = (connection: string, ...ordinals: number[]): Place[] =>
  ordinals.map((ordinal) => ({ connection, ordinal }));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('an account of connections', () => {
  test('finds nothing where all are whole, in whatever order', () => {
    const online = [...places('a', ...upTo(3)), ...places('b', 1)];
    expect(accountOf({ online, test: online.toReversed() })).toMatchObject({
      requests: { online: 4, test: 4 },
      connections: 2,
      ...{ stretches: 0, missing: 0, doubled: 0 },
    });
  });

  test('tells how often connections were left out, as a whole or from one of their requests on', () => {
    const online = ['whole', 'none', 'some'].flatMap((name) => places(name, ...upTo(5)));
    const test = [...places('whole', ...upTo(5)), ...places('some', 1, 2)];
    expect(accountOf({ online, test })).toMatchObject({
      requests: { online: 15, test: 7 },
      ...{ connections: 3, stretches: 2, missing: 8, doubled: 0 },
    });
  });

  test('takes each stretch before something that arrived for another time', () => {
    const account = accountOf({ online: places('a', ...upTo(6)), test: places('a', 1, 4) });
    expect(account).toMatchObject({
      stretches: 2,
      missing: 4,
      examplesMissing: ['a #2', 'a #3', 'a #5', 'a #6'],
    });
  });

  test('sees what came twice, and what was never said', () => {
    const account = accountOf({
      online: places('a', 1, 2),
      test: [...places('a', 1, 1, 2, 3), ...places('x', 1)],
    });
    expect(account).toMatchObject({ stretches: 0, missing: 0, doubled: 3 });
    expect(account.examplesDoubled).toEqual(['a #1', 'a #3', 'x #1']);
  });

  test('takes connections of one name together: a port that comes twice', () => {
    const online = [...places('a', 1, 2, 3), ...places('a', 1, 2)];
    expect(accountOf({ online, test: places('a', 1, 2, 3) })).toMatchObject({
      ...{ connections: 2, stretches: 1, missing: 2, doubled: 0 },
    });
    const torn = [...places('a', 1, 2, 3), ...places('a', 2)];
    expect(accountOf({ online, test: torn })).toMatchObject({ stretches: 1, missing: 1, doubled: 0 });
  });

  test('adds up: what arrived once and what is missing are what was said', () => {
    const online = ['a', 'b', 'c', 'd'].flatMap((name) => places(name, ...upTo(10)));
    const test = [...places('a', ...upTo(10)), ...places('b', ...upTo(4)), ...places('c', 1, 2, 7, 7)];
    const { requests, missing, doubled } = accountOf({ online, test });
    expect(requests.test - doubled + missing).toBe(requests.online);
  });
});
