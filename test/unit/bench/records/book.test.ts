import { describe, expect, test } from '@jest/globals';
import { deliveryIn, identityOf, lineOf, requestOf } from '../../../../bench/records/access-log';
import { compare, tally } from '../../../../bench/records/book';

const line = '198.18.10.10:40000 3 POST /bench/x/1 250 200 3 /var/lib/nginx/body/0000000001';
const digests = new Map([['/var/lib/nginx/body/0000000001', 'abc']]);

describe('a line of the log', () => {
  test('tells a request by everything that is known of it', () => {
    const identity = '198.18.10.10:40000 #3 POST /bench/x/1 250 B, 200 3 B, abc';
    expect(identityOf(deliveryIn(line)!, digests)).toBe(identity);
  });

  test.each(['', 'half a line', '198.18.10.10:40000 3 POST /bench/x/1 250 200 3'])(
    'that is not whole is none: %j',
    (text) => expect(deliveryIn(text)).toBeUndefined(),
  );

  test('is what a server of ours writes, with and without a body', () => {
    expect(lineOf(deliveryIn(line)!)).toBe(line);
    const bodiless = line.replace(/\S+$/, '-');
    expect(lineOf(deliveryIn(bodiless)!)).toBe(bodiless);
  });

  test('tells what the client said, whatever came of it', () => {
    expect(requestOf(deliveryIn(line)!)).toBe('POST /bench/x/1 250 B');
    expect(requestOf(deliveryIn(line.replace(' 3 POST', ' 9 POST').replace(' 200 3 ', ' 404 9 '))!)).toBe(
      'POST /bench/x/1 250 B',
    );
  });

  test('without its body is not like the one with it', () => {
    expect(identityOf(deliveryIn(line)!, new Map())).not.toBe(identityOf(deliveryIn(line)!, digests));
  });

  test.each([
    ['another client', line.replace(':40000', ':40001')],
    ['another place in its connection', line.replace(' 3 POST', ' 4 POST')],
    ['another target', line.replace('/x/1', '/x/2')],
    ['another length', line.replace(' 250 ', ' 251 ')],
    ['another answer', line.replace(' 200 ', ' 400 ')],
  ])('is another with %s', (_what, other) => {
    expect(identityOf(deliveryIn(other)!, digests)).not.toBe(identityOf(deliveryIn(line)!, digests));
  });
});

describe('two records', () => {
  test('that are alike differ in nothing, in whatever order', () => {
    const both = { online: tally(['a', 'b', 'b']), test: tally(['b', 'a', 'b']) };
    expect(compare(both)).toMatchObject({ online: 3, test: 3, missing: 0, doubled: 0 });
  });

  test('differ in what is missing and what came twice, though the sums are equal', () => {
    const both = { online: tally(['a', 'b', 'c']), test: tally(['a', 'b', 'b']) };
    expect(compare(both)).toEqual({
      online: 3,
      test: 3,
      missing: 1,
      doubled: 1,
      examplesMissing: ['c'],
      examplesDoubled: ['b'],
    });
  });

  test('differ in what was altered on its way: missing, and never sent', () => {
    expect(compare({ online: tally(['a']), test: tally(['A']) })).toMatchObject({ missing: 1, doubled: 1 });
  });
});
