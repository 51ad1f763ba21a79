import type { Evidence } from '../../../lab/verify/evidence/evidence';
import type { FindingCode } from '../../../lab/verify/findings/finding';
import { judge } from '../../../lab/verify/judge';
import type { TapEvidence } from '../../../lab/verify/evidence/tap';
import { RST } from '../../../src/wire/tcp';
import { capture, fragment, tcp } from './world/frames';
import { evidenceOf, healthyLab, type Connection, type Lab } from './world/lab';
import { CLIENT, TEST } from './world/scene';
import { healthyState, withRules } from './world/state';

const lab = healthyLab('http', 7, 60);
const evidence = evidenceOf(lab);

const codesOf = (given: Evidence): FindingCode[] => judge(given).reasons.map(({ code }) => code);
const where = (changes: Partial<Evidence>): FindingCode[] => codesOf({ ...evidence, ...changes });

/** With the copies changed. */
const copied = (change: (connections: readonly Connection[]) => readonly Connection[]): Lab => ({
  ...lab,
  test: change(lab.test),
});
const firstCopy = (change: (requests: readonly Uint8Array[]) => readonly Uint8Array[]): Lab =>
  copied(([first, ...others]) => [{ ...first!, requests: change(first!.requests) }, ...others]);

function withLastByte(bytes: Uint8Array, value: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[changed.length - 1] = value;
  return changed;
}

const withTap = (name: string, change: Partial<TapEvidence>): Partial<Evidence> => ({
  taps: evidence.taps.map((tap) => (tap.name === name ? { ...tap, ...change } : tap)),
});

describe('a healthy lab', () => {
  test.each(['http', 'redis'] as const)('with %s passes', (protocol) => {
    const healthy = healthyLab(protocol, 7, 60);
    const verification = judge(evidenceOf(healthy));
    expect(verification.reasons).toEqual([]);
    expect(verification).toMatchObject({
      verdict: 'pass',
      requests: {
        sent: 60,
        online: 60,
        test: 60,
        missing: 0,
        doubtful: 0,
        duplicated: 0,
        altered: 0,
        reordered: 0,
        unexpected: 0,
      },
      examples: { missing: [], doubtful: [], duplicated: [], altered: [], reordered: [], unexpected: [] },
      leaks: { frames: 0, first: [], arpRequests: 0 },
      load: { connections: healthy.online.length, duration_ms: 2_400, directAnswers: 1 },
      scene: healthy.scene,
      profile: healthy.profile,
    });
    expect(verification.controls).toEqual(
      ['client', 'client-2', 'online', 'test', 'test elsewhere', 'bridge lan'].map((tap) => ({
        tap,
        seen: true,
      })),
    );
  });
});

test('a connection of the online server’s own that ends with a reset is no refused copy', () => {
  const reset = (port: number) => tcp(`198.18.10.20:${port}`, TEST, { flags: RST });
  const answer = (port: number) => tcp(TEST, `198.18.10.20:${port}`);
  const codes = (port: number) => codesOf(evidenceOf({ ...lab, leaked: [answer(port), reset(port)] }));
  expect(codes(evidence.direct.ports[0]!)).toEqual([]);
  expect(codes(52_000)).toEqual(['leak']);
});

describe('a lab fails', () => {
  const ofState = (before: typeof healthyState, after = before): Partial<Evidence> => ({
    state: { before, after },
  });
  const rule = '-p tcp -m tcp --sport 8080 -j NFQUEUE';

  test.each<[FindingCode, Partial<Evidence>]>([
    ['guard-rule-missing', ofState(withRules())],
    ['guard-rule-wrong-port', ofState(withRules('-p tcp -m tcp --sport 8081 -j NFQUEUE'))],
    ['guard-rule-partial', ofState(withRules(`-o lo ${rule}`))],
    ['guard-rule-shadowed', ofState(withRules('-j ACCEPT', rule))],
    ['guard-bypass', ofState(withRules(`${rule} --queue-bypass`))],
    ['guard-queue-unbound', ofState({ ...healthyState, boundQueues: [] })],
    ['intercept-not-running', ofState(healthyState, { ...healthyState, intercept: undefined })],
    ['tcpcopy-not-running', ofState(healthyState, { ...healthyState, tcpcopy: undefined })],
    ['control-not-connected', ofState({ ...healthyState, controlConnections: 0 })],
    [
      'guard-not-proven',
      { guard: { level: 'disarmed', reasons: ['there is no route to 100::1'], since: '2026-01-01' } },
    ],
    ['tap-dropped', withTap('client-2', { droppedByKernel: 3 })],
    ['tap-damaged', withTap('client-2', { capture: new Uint8Array(30) })],
    ['evidence-disagrees', withTap('client-2', { tcpdumpCounts: {} })],
  ])('for %s, and for nothing else', (code, changes) => {
    const verification = judge({ ...evidence, ...changes });
    expect(verification.verdict).toBe('fail');
    expect(new Set(verification.reasons.map((reason) => reason.code))).toEqual(new Set([code]));
  });

  test.each<[FindingCode, Lab]>([
    ['requests-missing', copied((connections) => connections.slice(1))],
    ['requests-missing', firstCopy(([, ...others]) => others)],
    ['requests-duplicated', firstCopy(([first, ...others]) => [first!, first!, ...others])],
    ['requests-altered', firstCopy(([first, ...others]) => [withLastByte(first!, 0x7e), ...others])],
    ['order-changed', firstCopy(([first, second, ...others]) => [second!, first!, ...others])],
    ['requests-unexpected', firstCopy((requests) => [...requests, Buffer.from('GET / HTTP/1.1\r\n\r\n')])],
    ['leak', { ...lab, leaked: [tcp(TEST, CLIENT)] }],
  ])('for %s, as the captures show it', (code, broken) => {
    const verification = judge(evidenceOf(broken));
    expect(verification.verdict).toBe('fail');
    expect(verification.reasons.map((reason) => reason.code)).toEqual([code]);
  });

  test('for a tap that did not see its marks', () => {
    const blind = withTap('client', { capture: capture([]), tcpdumpCounts: {} });
    expect(where(blind)).toContain('tap-blind');
    expect(judge({ ...evidence, ...blind }).controls[0]).toEqual({ tap: 'client', seen: false });
  });

  test('for requests of the load that failed', () => {
    const failed = [{ identity: 'lab/abcd1234/0-1', reason: 'no answer within 10000 ms' }];
    const loads = [{ ...evidence.loads[0]!, failed }];
    expect(judge({ ...evidence, loads }).reasons).toEqual([
      {
        code: 'load-failed',
        message: '1 request of the load failed at online: lab/abcd1234/0-1: no answer within 10000 ms.',
        mend: 'is the server of online up? (lab status)',
      },
    ]);
  });

  test('for requests that were answered, but never captured', () => {
    const codes = codesOf(evidenceOf({ ...lab, online: lab.online.slice(1) }));
    expect(codes).toContain('load-failed');
    expect(codes).not.toContain('requests-missing');
  });

  test.each([
    [
      'are refused',
      { failed: [{ identity: 'direct/abcd1234/0-0', reason: 'connect ECONNREFUSED' }] },
      'connect ECONNREFUSED',
    ],
    ['are not answered', { answered: 0 }, 'nothing was sent'],
  ])('when the online server’s own requests %s', (_, direct, told) => {
    expect(judge({ ...evidence, direct: { ...evidence.direct, ...direct } }).reasons).toEqual([
      {
        code: 'passlist-broken',
        message: `online is on the passlist, but its own requests to test:8080 are not answered: ${told}.`,
        mend: 'on test: intercept -x 198.18.10.20 …',
      },
    ]);
  });

  test('when a server’s record tells another story than the capture in front of it', () => {
    const [first] = lab.test;
    const other = evidenceOf({ ...lab, test: [first!] }).records.test;
    expect(where({ records: { ...evidence.records, test: other } })).toEqual(['evidence-disagrees']);
    expect(where({ records: { ...evidence.records, online: other } })).toEqual(['evidence-disagrees']);
  });

  test('when the kernel counted packets that a tap did not record', () => {
    const kernelCounts = evidence.kernelCounts.map((count) =>
      count.watch.id === 'responses' ? { ...count, tapStillRuns: 6, afterTap: 6 } : count,
    );
    // On both clients and on the online server; behind the guard it counts what goes to the online server, too.
    expect(where({ kernelCounts }).length).toBeGreaterThanOrEqual(2);
    expect(new Set(where({ kernelCounts }))).toEqual(new Set(['evidence-disagrees']));
  });

  test.each(['client', 'client-2', 'bridge lan'])('when there was no tap on %s', (name) => {
    expect(where({ taps: evidence.taps.filter((tap) => tap.name !== name) })).toEqual(['tap-blind']);
  });

  test.each(['online', 'test'])('when there was no tap on %s, whose requests are then unknown', (name) => {
    expect(where({ taps: evidence.taps.filter((tap) => tap.name !== name) })).toContain('tap-blind');
  });

  test('when the kernel did not count where it should', () => {
    const [first, ...others] = evidence.kernelCounts;
    expect(where({ kernelCounts: others })).toEqual(['evidence-disagrees']);
    expect(where({ kernelCounts: [first!] })).toHaveLength(others.length);
    expect(where({ kernelCounts: evidence.kernelCounts.slice(0, -1) })).toEqual(['evidence-disagrees']);
  });

  test('for a leak that only the readings of others show: a fragment', () => {
    const broken = { ...lab, leaked: [fragment(tcp(TEST, CLIENT), 0)] };
    expect(codesOf(evidenceOf(broken))).toEqual(expect.arrayContaining(['leak', 'evidence-disagrees']));
  });

  test('for all its reasons: causes first, then effects, then the evidence', () => {
    const broken = { ...evidenceOf({ ...lab, test: lab.test.slice(1), leaked: [tcp(TEST, CLIENT)] }) };
    const all = {
      ...broken,
      state: { before: withRules(), after: withRules() },
      direct: { ...broken.direct, answered: 0 },
    };
    const taps = all.taps.map((tap) => ({ ...tap, droppedByKernel: tap.name === 'test' ? 1 : 0 }));
    expect(codesOf({ ...all, taps })).toEqual([
      'guard-rule-missing',
      'leak',
      'requests-missing',
      'passlist-broken',
      'tap-dropped',
    ]);
  });
});

describe('requests in doubt', () => {
  const broken = firstCopy(([, ...others]) => others);
  const [identity] = judge(evidenceOf(broken)).examples.missing;
  const counters = {
    ...evidence.counters,
    tcpcopy: { before: { requests_doubtful: 2 }, after: { requests_doubtful: 3 } },
  };

  test('are a note, and fail nothing', () => {
    const verification = judge({ ...evidenceOf(broken), counters });
    expect(verification).toMatchObject({
      verdict: 'pass',
      reasons: [],
      notes: [{ code: 'requests-doubtful', message: expect.stringContaining('1 request is in doubt') }],
      requests: { missing: 0, doubtful: 1 },
      examples: { missing: [], doubtful: [identity] },
    });
  });

  test('are no more than were told since the load began', () => {
    const told = {
      ...evidence.counters,
      tcpcopy: { before: { requests_doubtful: 3 }, after: counters.tcpcopy.after },
    };
    expect(codesOf({ ...evidenceOf(broken), counters: told })).toEqual(['requests-missing']);
    const two = firstCopy(([, , ...others]) => others);
    expect(codesOf({ ...evidenceOf(two), counters })).toEqual(['requests-missing']);
  });

  test('are those that the log names', () => {
    const elsewhere = { client: '198.18.10.99:1', count: 1, sequence: 0, bytes: 2 ** 31 };
    expect(codesOf({ ...evidenceOf(broken), counters, doubtful: [elsewhere] })).toEqual(['requests-missing']);
  });
});

test('examples of each deviation are the first ten', () => {
  const verification = judge(evidenceOf(copied(() => [])));
  expect(verification.requests).toMatchObject({ online: 60, test: 0, missing: 60 });
  expect(verification.examples.missing).toHaveLength(10);
  expect(verification.examples.missing[0]).toBe('lab/abcd1234/0-0');
});
