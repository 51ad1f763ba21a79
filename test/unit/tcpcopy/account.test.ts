import { accountText, losses, type Account } from '../../../src/tcpcopy/offline/account';
import { Brake } from '../../../src/tcpcopy/offline/brake';

const sound: Account = {
  files: ['online.pcap'],
  duration_ms: 12_900,
  captured_ms: 12_700,
  isWhole: true,
  read: { packets: 5164, segments: 2434, 'rejected_not-copied': 2730 },
  damages: [],
  overlapping: [],
  encapsulations: [],
  unsupported: [],
  clockJumps: 0,
  nothing: undefined,
  unused: { repeated: 4, 'after-close': 1, 'not-selected': 2 },
  counters: {
    segments_used: 2430,
    segments_dropped_repeated: 4,
    sessions_completed: 110,
    requests_sent: 600,
  },
  times: [],
  lateness_ms: { half: 0.34, most: 13 },
};

describe('the account of a replay', () => {
  test('has no losses when only what says nothing new was left out', () => {
    expect(losses(sound)).toEqual([]);
    expect(accountText(sound)).toBe(
      [
        'online.pcap: all of it was replayed',
        '  duration     12.9 s, of a capture of 12.7 s',
        '  packets      5,164 read, 2,430 used (others: repeated 4, not-copied 2,730)',
        '  connections  110 replayed, none given up',
        '  requests     600 replayed, none given up',
        '  timing       half within 0.34 ms, 99 % within 13 ms',
        '',
      ].join('\n'),
    );
  });

  test.each<[string, Partial<Account>]>([
    ['the file was not read to its end', { isWhole: false }],
    [
      'file-truncated at byte 99 of the file',
      { damages: [{ file: 'online.pcap', reason: 'file-truncated', at: 99 }] },
    ],
    [
      'compression-damaged at byte 9 of b.pcap.gz',
      {
        files: ['a.pcap', 'b.pcap.gz'],
        damages: [{ file: 'b.pcap.gz', reason: 'compression-damaged', at: 9 }],
      },
    ],
    ['encapsulation-truncated 2', { read: { 'rejected_encapsulation-truncated': 2 } }],
    ['ipv6-truncated 4', { read: { 'rejected_ipv6-truncated': 4 } }],
    ['payload-truncated 3', { read: { 'rejected_payload-truncated': 3 } }],
    ['fragments-missing 2', { read: { 'lost_fragments-missing': 2 } }],
    ['not-joined 5', { unused: { 'not-joined': 5 } }],
    [
      'test-refused 1; requests with them 7',
      { counters: { 'sessions_given_up_test-refused': 1, 'requests_given_up_test-refused': 7 } },
    ],
    ['no-port 4', { counters: { 'copies_refused_no-port': 4 } }],
  ])('names as lost: %s', (loss, change) => {
    const account = { ...sound, ...change };
    expect(losses(account)).toEqual([expect.stringContaining(loss)]);
    expect(accountText(account)).toMatch(/not all of it was replayed[^]*  lost /);
  });
});

test('the account says what packets were taken out of, what was wrong with the clock, and with the order', () => {
  const text = accountText({
    ...sound,
    files: ['a.pcap', 'b.pcap', 'c.pcap'],
    encapsulations: [
      { name: 'VXLAN', count: 1200 },
      { name: '802.1Q', count: 3 },
    ],
    unsupported: [{ name: 'GTP-U', count: 4 }],
    clockJumps: 2,
    overlapping: ['c.pcap'],
  });
  expect(text).toMatch(/^3 files, from a.pcap to c.pcap: all of it was replayed$/m);
  expect(text).toMatch(/^ {2}taken off {4}VXLAN 1,200, 802.1Q 3$/m);
  expect(text).toMatch(/^ {2}left alone {3}GTP-U 4$/m);
  expect(text).toMatch(/^ {2}clock {8}jumped 2 times/m);
  expect(text).toMatch(/^ {2}order {8}c.pcap: captured beside the file before/m);
});

test('the account of nothing is a loss, and says what there is instead', () => {
  const nothing = {
    why: 'for nothing in it is for port 9999, but 1 connection for 198.18.10.20:80',
    holds: ['TCP over IPv4: 198.18.10.20:80 (1 connection)', 'captured as Ethernet 26'],
    next: 'name what is to be played, for example -x 80-198.18.10.30:8080',
  };
  const account = { ...sound, nothing, counters: {}, read: { packets: 26, 'rejected_not-copied': 26 } };
  expect(losses(account)).toHaveLength(1);
  expect(accountText(account).split('\n')).toEqual([
    `online.pcap: nothing was replayed, ${nothing.why}`,
    '  duration     12.9 s, of a capture of 12.7 s',
    '  packets      26 read, 0 used (others: not-copied 26)',
    '  connections  0 replayed, none given up',
    '  requests     0 replayed, none given up',
    '  timing       half within 0.34 ms, 99 % within 13 ms',
    '  it holds     TCP over IPv4: 198.18.10.20:80 (1 connection)',
    '  it holds     captured as Ethernet 26',
    `  next         ${nothing.next}`,
    '',
  ]);
});

describe('the brake of a replay', () => {
  const state = { armed: true, sessions: 1, held_bytes: 0, progress: 1 };
  const full = { ...state, held_bytes: 64 * 2 ** 20 };

  test('holds while the guard is not armed, however long', () => {
    const brake = new Brake();
    expect(brake.released(state, 0)).toBe(true);
    expect(brake.released({ ...state, armed: false }, 1)).toBe(false);
    expect(brake.released({ ...state, armed: false }, 1e9)).toBe(false);
  });

  test('holds while much waits, or too many connections are open', () => {
    const brake = new Brake();
    expect(brake.released(full, 0)).toBe(false);
    expect(brake.released({ ...state, sessions: 95_000 }, 1)).toBe(false);
    expect(new Brake(1000).released({ ...state, held_bytes: 501 }, 0)).toBe(false);
  });

  test('lets go when nothing moves any more: what is missing is further on', () => {
    const brake = new Brake();
    brake.released(full, 0);
    expect(brake.released({ ...full, progress: 2 }, 4000)).toBe(false);
    expect(brake.released({ ...full, progress: 2 }, 8000)).toBe(false);
    expect(brake.released({ ...full, progress: 2 }, 9000)).toBe(true);
    expect(brake.released({ ...full, progress: 3 }, 9001)).toBe(false);
  });
});
