import { disagreements } from '../../../../lab/verify/ledger/record-agreement';
import {
  callsIn,
  readAccessLog,
  readCommandStatistics,
  type ServerRecord,
} from '../../../../lab/verify/evidence/server-record';
import type { ObservedConnection, ObservedRequest } from '../../../../lab/verify/ledger/observed';
import { RUN } from '../world/plan';

const id = (name: string): string => `lab/${RUN}/${name}`;

/** A connection in a capture. */
const connection = (...requests: Partial<ObservedRequest>[]): ObservedConnection => ({
  client: '198.18.10.10:40000',
  initialSequence: 1000,
  requests: requests.map((request, index) => ({
    identity: undefined,
    command: undefined,
    digest: '',
    offset: 100 * index,
    length: 100,
    comesAgain: false,
    ...request,
  })),
  strangeBytes: 0,
  incompleteBytes: 0,
  tailComesAgain: false,
  cutOff: false,
});

describe('a record of nginx', () => {
  const log = [
    `/${id('0-0')} 200 151 7`,
    `/bytes/10k?${id('0-1')} 200 98 7`,
    `/${id('0-0')} 400 151 9`,
    `/lab/zzzz9999/0-0 200 77 3`,
    `/direct/${RUN}/0-0 200 60 2`,
    '/favicon.ico 404 90 4',
    '',
  ].join('\n');

  test('is the lengths of the run’s requests, by name', () => {
    expect(readAccessLog(log, RUN)).toEqual({
      kind: 'by-request',
      deliveries: new Map([
        [id('0-0'), [151, 151]],
        [id('0-1'), [98]],
      ]),
    });
  });

  const record = readAccessLog(log, RUN);
  const agreeing = [
    connection({ identity: id('0-0'), length: 151 }, { identity: id('0-1'), length: 98 }),
    connection({ identity: id('0-0'), length: 151 }, { identity: `direct/${RUN}/0-0` }, {}),
  ];

  test('agrees with a capture of the same requests, in whatever connections', () => {
    expect(disagreements('test', agreeing, record)).toEqual([]);
    expect(disagreements('test', agreeing.toReversed(), record)).toEqual([]);
  });

  test('may have what came of a request whose connection was reset, and no more than that', () => {
    const broken = readAccessLog(`/${id('2-0')} 400 8760 7\n`, RUN);
    const reset = { ...connection(), cutOff: true, incompleteBytes: 8760 };
    expect(disagreements('test', [reset], broken)).toEqual([]);
    expect(disagreements('test', [{ ...reset, incompleteBytes: 8759 }], broken)).toHaveLength(1);
    expect(disagreements('test', [{ ...reset, cutOff: false }], broken)).toHaveLength(1);
  });

  test('may lack the last request of a client that is gone, and no other', () => {
    const last = readAccessLog(`/${id('2-0')} 200 60 7\n`, RUN);
    const requests = connection({ identity: id('2-0'), length: 60 }, { identity: id('2-1'), length: 70 });
    expect(disagreements('test', [{ ...requests, cutOff: true }], last)).toEqual([]);
    expect(disagreements('test', [requests], last)).toHaveLength(1);
    const first = readAccessLog(`/${id('2-1')} 200 70 7\n`, RUN);
    expect(disagreements('test', [{ ...requests, cutOff: true }], first)).toHaveLength(1);
  });

  test('agrees whatever the order in which one request came in different lengths', () => {
    const twice = readAccessLog(`/${id('1-0')} 200 98 7\n/${id('1-0')} 200 1151 9\n`, RUN);
    const [long, short] = [1151, 98].map((length) => connection({ identity: id('1-0'), length }));
    expect(disagreements('test', [long!, short!], twice)).toEqual([]);
    expect(disagreements('test', [short!, long!], twice)).toEqual([]);
  });

  test.each<[string, ObservedConnection[], string]>([
    [
      'a request that was not captured',
      [connection({ identity: id('0-0'), length: 151 }, { identity: id('0-0'), length: 151 })],
      `1 requests; ${id('0-1')}: log 1 of 98 bytes, capture none`,
    ],
    [
      'a request that was not logged',
      [...agreeing, connection({ identity: id('5-0'), length: 10 })],
      `1 requests; ${id('5-0')}: log none, capture 1 of 10 bytes`,
    ],
    [
      'a request that was captured once and logged twice',
      [agreeing[0]!],
      `1 requests; ${id('0-0')}: log 2 of 151 and 151 bytes, capture 1 of 151 bytes`,
    ],
    [
      'a request of another length',
      [agreeing[0]!, connection({ identity: id('0-0'), length: 150 })],
      `1 requests; ${id('0-0')}: log 2 of 151 and 151 bytes, capture 2 of 151 and 150 bytes`,
    ],
    ['nothing captured', [], `2 requests; ${id('0-0')}: log 2 of 151 and 151 bytes, capture none`],
  ])('disagrees about %s', (_, connections, told) => {
    expect(disagreements('test', connections, record)).toEqual([
      `test: its log and the capture in front of it disagree about ${told}`,
    ]);
  });
});

test('what is in doubt may be in a record, and need not', () => {
  const requests = connection({ identity: id('3-0') }, { identity: id('3-1') }, { identity: id('3-2') });
  const first = readAccessLog(`/${id('3-0')} 200 100 7\n`, RUN);
  const inDoubt = new Set([id('3-1'), id('3-2')]);
  expect(disagreements('test', [requests], first)).toHaveLength(1);
  expect(disagreements('test', [requests], first, inDoubt)).toEqual([]);
  const twice = readAccessLog(`/${id('3-0')} 200 100 7\n`.repeat(2), RUN);
  expect(disagreements('test', [requests], twice, inDoubt)).toHaveLength(1);
});

describe('a record of Redis', () => {
  const earlier = '# Commandstats\r\ncmdstat_set:calls=4,usec=10\r\ncmdstat_info:calls=1,usec=90\r\n';
  const now = [
    '# Commandstats',
    'cmdstat_set:calls=6,usec=15,usec_per_call=2.50,rejected_calls=0,failed_calls=0',
    'cmdstat_get:calls=1,usec=2,usec_per_call=2.00,rejected_calls=0,failed_calls=0',
    'cmdstat_config|get:calls=3,usec=9,usec_per_call=3.00,rejected_calls=0,failed_calls=0',
    'cmdstat_info:calls=2,usec=180,usec_per_call=90.00,rejected_calls=0,failed_calls=0',
    '',
  ].join('\r\n');

  test('is how often each command of the load was carried out since', () => {
    expect(readCommandStatistics(now, earlier).calls).toEqual({ set: 2, get: 1, incr: 0, append: 0 });
    expect(callsIn(now).get('config|get')).toBe(3);
  });

  const record: ServerRecord = readCommandStatistics(now, earlier);
  const [set, get] = [{ command: 'set' }, { command: 'get' }];

  test('agrees with a capture of as many commands', () => {
    expect(
      disagreements('test', [connection(set, get), connection(set, { command: 'ping' })], record),
    ).toEqual([]);
  });

  test('may have as many commands less as are in doubt', () => {
    const unsure = { command: 'set', identity: id('0-0') };
    const inDoubt = new Set([id('0-0')]);
    const more = [connection(set, get), connection(set, unsure)];
    expect(disagreements('test', more, record)).toHaveLength(1);
    expect(disagreements('test', more, record, inDoubt)).toEqual([]);
    expect(disagreements('test', [...more, connection(set)], record, inDoubt)).toHaveLength(1);
    expect(disagreements('test', [connection(set, get)], record, inDoubt)).toHaveLength(1);
  });

  test('disagrees about each command whose number differs', () => {
    expect(disagreements('test', [connection(set, { command: 'incr' })], record)).toEqual([
      'test: carried out 2 set commands, the capture shows 1',
      'test: carried out 1 get commands, the capture shows 0',
      'test: carried out 0 incr commands, the capture shows 1',
    ]);
  });
});
