import { Carried } from '../../../../src/answers/compare/carried';
import { Matching, type MatchingOptions, type Side } from '../../../../src/answers/compare/matching';
import type { Exchange } from '../../../../src/answers/reading/exchange';
import { exchange, http, request } from './answers';

function matching(options: Partial<MatchingOptions> = {}) {
  const pairs: string[] = [];
  const singles: string[] = [];
  const one = new Matching(
    { waiting_max: 1000, held_bytes_max: 1_000_000, ...options },
    ({ online, test, by }) => pairs.push(`${online.client} ${test.client} ${by}`),
    (side, { client }) => singles.push(`${side} ${client}`),
  );
  const add = (side: Side, client: string, more: Partial<Exchange> = {}): void =>
    one.add(side, exchange({ client, response: http(200, {}, 'x'.repeat(1000)), ...more }));
  return { one, pairs, singles, add };
}

describe('answers that belong together', () => {
  test('are known by the request’s bytes and number in its stream, whatever the address', () => {
    const { one, pairs, singles, add } = matching();
    add('online', 'a:1', { sequence: 5 });
    add('online', 'b:1', { sequence: 9 });
    add('test', 'x:7', { sequence: 9 });
    add('test', 'x:8', { sequence: 5 });
    add('test', 'x:9', { sequence: 5, digest: 'another' });
    one.end();
    expect(pairs).toEqual(['b:1 x:7 sequence', 'a:1 x:8 sequence']);
    expect(singles).toEqual(['test x:9']);
    expect(one.unmatched).toEqual({ online: 0, test: 1 });
  });

  test('are let go of once they have waited from one settlement to the next', () => {
    const { one, pairs, singles, add } = matching();
    add('online', 'a:1', { sequence: 1 });
    one.settle();
    add('test', 'x:1', { sequence: 2, digest: 'another' });
    add('test', 'a:2', { sequence: 3 });
    expect([pairs, singles]).toEqual([[], []]);
    one.settle();
    expect([pairs, singles]).toEqual([[], ['online a:1']]);
    one.settle();
    expect(singles).toEqual(['online a:1', 'test x:1', 'test a:2']);
  });

  test('else by the request’s bytes and the client, and at last by the bytes alone, in order', () => {
    const { one, pairs, add } = matching();
    for (const [at, client] of ['a:1', 'b:1', 'a:1', 'c:1'].entries())
      add('online', client, { sequence: at });
    for (const [at, client] of ['x:1', 'a:2', 'a:3', 'b:2'].entries())
      add('test', client, { sequence: 100 + at });
    one.end();
    expect(pairs).toEqual(['a:1 a:2 order', 'b:1 b:2 order', 'a:1 a:3 order', 'c:1 x:1 order']);
  });

  test('wait in bounded number, and in bounded memory', () => {
    const few = matching({ waiting_max: 2 });
    for (let at = 0; at < 5; at += 1) few.add('online', `a:${at}`, { sequence: at });
    expect(few.one.unmatched.online).toBe(3);
    const small = matching({ held_bytes_max: 5000 });
    for (let at = 0; at < 10; at += 1) small.add('online', `a:${at}`, { sequence: at });
    expect(small.one.shortened).toBe(8);
    for (let at = 0; at < 10; at += 1) small.add('test', `a:${at}`, { sequence: at });
    small.one.end();
    expect(small.pairs).toHaveLength(10);
  });

  test('are brought together in no square of their number, though all requests are the same', () => {
    const { one, pairs, add } = matching({ waiting_max: 200_000, held_bytes_max: 1e9 });
    for (let at = 0; at < 20_000; at += 1) add('online', `a:${at}`, { sequence: at, response: undefined });
    for (let at = 0; at < 20_000; at += 1)
      add('test', `b:${at}`, { sequence: 30_000 + at, response: undefined });
    one.end();
    expect(pairs).toHaveLength(20_000);
  });
});

describe('a request that carries what only the online server had given', () => {
  const carried = new Carried();
  carried.learn(exchange({ client: 'a:1' }), new Map([['tok-12345678', 'json:$.token']]));

  test.each([
    ['in its target', request('/next?t=tok-12345678')],
    ['in a cookie', request('/', [['cookie', 'sid=tok-12345678; b=2']])],
    ['in its path', request('/orders/tok-12345678/items')],
  ])('is known, with where that stood: %s', (_, asked) => {
    expect(carried.placeIn(exchange({ client: 'a:2', request: asked }))).toBe('json:$.token');
  });

  test('is none of another client, and none without it', () => {
    const asked = request('/next?t=tok-12345678');
    expect(carried.placeIn(exchange({ client: 'b:1', request: asked }))).toBeUndefined();
    expect(carried.placeIn(exchange({ client: 'a:1', request: request('/next') }))).toBeUndefined();
    const host = request('/', [['host', 'tok-12345678']]);
    expect(carried.placeIn(exchange({ client: 'a:1', request: host }))).toBeUndefined();
  });
});
