import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { answerLength, isWanted } from '../../../lab/load/answers/answer';
import { partsOf } from '../../../lab/load/requests/identity';
import { loadArguments, loadOptionsFrom } from '../../../lab/load/options';
import { BODY_BYTES_MAX } from '../../../lab/load/requests/request-place';
import { deriveSchedule, type LoadProfile } from '../../../lab/load/requests/schedule';
import { formatProgress, latencyOf, progressIn } from '../../../lab/load/summary';

const profile: LoadProfile = { protocol: 'http', seed: 7, run: 'abcd1234', purpose: 'lab', requests: 2400 };
const requestsOf = (given: LoadProfile) => deriveSchedule(given).flatMap(({ requests }) => requests);

function digestOf(given: LoadProfile): string {
  const hash = createHash('sha256');
  for (const { identity, bytes, cuts } of requestsOf(given))
    hash.update(`${identity} ${cuts.join()}`).update(bytes);
  return hash.digest('hex');
}

describe('a schedule', () => {
  test('is the same, byte for byte, whenever it is derived from the same seed', () => {
    expect(digestOf(profile)).toBe(digestOf({ ...profile }));
  });

  test('is another one with another seed', () => {
    expect(digestOf({ ...profile, seed: 1 })).not.toBe(digestOf({ ...profile, seed: 2 }));
  });

  test.each(['http', 'redis'] as const)('has as many %s requests as asked, all distinct', (protocol) => {
    const requests = requestsOf({ ...profile, protocol });
    expect(requests).toHaveLength(2400);
    expect(new Set(requests.map(({ identity }) => identity)).size).toBe(2400);
    const wrong = requests.filter(({ identity, bytes, connection, index }) => {
      const parts = partsOf(identity);
      const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 200));
      return !head.includes(identity) || parts?.connection !== connection || parts.index !== index;
    });
    expect(wrong).toEqual([]);
  });

  test('mixes long connections with short ones, and both ways of closing', () => {
    const connections = deriveSchedule(profile);
    expect(connections.filter(({ requests }) => requests.length > 50)).toHaveLength(24);
    expect(connections.filter(({ requests }) => requests.length === 1).length).toBeGreaterThan(200);
    expect(new Set(connections.map(({ closedBy }) => closedBy))).toEqual(new Set(['client', 'server']));
  });

  test('has bodies up to the largest size, and cuts some requests within their bytes', () => {
    const requests = requestsOf(profile);
    const largest = Math.max(...requests.map(({ bytes }) => bytes.length));
    expect(largest).toBeGreaterThan(BODY_BYTES_MAX);
    const cut = requests.filter(({ cuts }) => cuts.length > 0);
    expect(cut.length).toBeGreaterThan(100);
    const outside = cut.filter(({ cuts, bytes }) => {
      const offsets = [0, ...cuts, bytes.length];
      return offsets.some((offset, at) => at > 0 && offset <= offsets[at - 1]!);
    });
    expect(outside).toEqual([]);
  });

  test('asks the server to close in the last request of the connections that the server closes', () => {
    for (const { requests, closedBy } of deriveSchedule(profile)) {
      const asks = requests.map(({ bytes }) => Buffer.from(bytes).includes('\r\nConnection: close\r\n'));
      expect(asks.lastIndexOf(true)).toBe(closedBy === 'server' ? requests.length - 1 : -1);
      expect(asks.filter(Boolean).length).toBe(closedBy === 'server' ? 1 : 0);
    }
  });

  test('of few requests needs no more connections than requests', () => {
    expect(deriveSchedule({ ...profile, requests: 3 })).toHaveLength(3);
  });
});

describe('an answer', () => {
  test('over HTTP ends where its Content-Length says', () => {
    const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n';
    for (let length = 0; length < whole.length; length += 1) {
      expect(answerLength.http(Buffer.from(whole.slice(0, length)))).toBeUndefined();
    }
    expect(answerLength.http(Buffer.from(`${whole}HTTP`))).toBe(whole.length);
    expect(isWanted('http', 'good', Buffer.from(whole))).toBe(true);
    expect(isWanted('http', 'good', Buffer.from('HTTP/1.1 503 No\r\n\r\n'))).toBe(false);
  });

  test.each(['+OK\r\n', ':12\r\n', '$3\r\nabc\r\n', '$-1\r\n', '*2\r\n$1\r\na\r\n:1\r\n'])(
    'of Redis ends where %j does',
    (whole) => {
      for (let length = 0; length < whole.length; length += 1) {
        expect(answerLength.redis(Buffer.from(whole.slice(0, length)))).toBeUndefined();
      }
      expect(answerLength.redis(Buffer.from(`${whole}+`))).toBe(whole.length);
    },
  );
});

describe('the command line of the load', () => {
  test('reads back what it writes', () => {
    const options = {
      host: '198.18.10.20',
      port: 80,
      profile,
      share: { remainder: 1, divisor: 3 },
      concurrency: 8,
      rate: 500,
      answerTimeout_ms: 2_000,
      answers: 'good' as const,
      limit_ms: 9_000,
    };
    expect(loadOptionsFrom(loadArguments(options))).toEqual(options);
  });

  test.each([
    [[], '--host is missing'],
    [['--host', 'a', '--run', 'X'], '--run takes'],
    [['--host', 'a', '--run', 'abcd1234', '--port', '0'], '--port takes'],
    [['--host', 'a', '--run', 'abcd1234', '--port', '80', '--share', '2/2'], '--share takes'],
    [['--host', 'a', '--run', 'abcd1234', '--port', '80', '--protocol', 'ftp'], '--protocol takes'],
  ])('refuses %j', (argv, message) => {
    expect(() => loadOptionsFrom(argv)).toThrow(message);
  });
});

test('progress is read from its last line', () => {
  expect(progressIn('')).toBe(0);
  expect(progressIn(formatProgress(1, 4) + formatProgress(3, 4))).toBe(0.75);
});

test('latencies are told as percentiles', () => {
  const samples = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(latencyOf(samples)).toEqual({ p50_ms: 51, p90_ms: 91, p99_ms: 100, max_ms: 100 });
  expect(latencyOf([])).toEqual({ p50_ms: 0, p90_ms: 0, p99_ms: 0, max_ms: 0 });
});
