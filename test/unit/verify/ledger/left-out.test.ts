import { leftOut } from '../../../../lab/verify/ledger/left-out';
import type { ObservedConnection } from '../../../../lab/verify/ledger/observed';
import { reportAsText } from '../../../../lab/report/text';
import { judge } from '../../../../lab/verify/judge';
import { evidenceOf, healthyLab } from '../world/lab';

/** Connections of so many requests each, `lab/<connection>-<request>`. */
const connections = (...counts: readonly number[]): ObservedConnection[] =>
  counts.map((count, connection) => ({
    client: `198.18.10.10:${40_000 + connection}`,
    initialSequence: connection,
    strangeBytes: 0,
    incompleteBytes: 0,
    cutOff: false,
    tailComesAgain: false,
    requests: Array.from({ length: count }, (_, request) => ({
      identity: `lab/${connection}-${request}`,
      command: undefined,
      offset: request,
      digest: '',
      length: 1,
      comesAgain: false,
    })),
  }));

const online = connections(3, 3, 3);
const WHOLE = ['lab/0-0', 'lab/0-1', 'lab/0-2'];
const counted = { connections_left_out: 1, 'sessions_given_up_left-out': 1, sessions_completed: 1 };

describe('what is missing was left out', () => {
  test('when it is whole connections, or the ends of some, as many as were counted', () => {
    expect(leftOut([...WHOLE, 'lab/1-2'], online, counted)).toEqual({ connections: 2, requests: 4 });
    expect(leftOut(WHOLE, online, counted)).toEqual({ connections: 1, requests: 3 });
    // Joined again.
    expect(leftOut(['lab/2-0'], online, counted)).toEqual({ connections: 1, requests: 1 });
    expect(leftOut(['lab/1-1'], online, counted)).toEqual({ connections: 1, requests: 1 });
  });

  test.each([
    ['more connections are missing than were counted', [...WHOLE, 'lab/1-0'], counted],
    ['more connections end early than were counted', ['lab/0-2', 'lab/1-2'], counted],
    ['nothing was counted', WHOLE, {}],
    ['packets were lost as well', WHOLE, { ...counted, capture_kernel_dropped: 1 }],
    ['copies were given up as well', WHOLE, { ...counted, 'sessions_given_up_test-reset': 1 }],
    ['the online server did not get it', ['lab/9-9'], counted],
  ])('not when %s', (_, missing, growth) => {
    expect(leftOut(missing, online, growth)).toBeUndefined();
  });
});

test('a verification under overload passes, and says what was left out', () => {
  const lab = healthyLab('http', 7, 40);
  const [first, ...others] = lab.test;
  const without = evidenceOf({ ...lab, test: others });
  expect(judge(without).reasons.map(({ code }) => code)).toEqual(['requests-missing']);
  const after = { connections_left_out: 1 };
  const verification = judge({
    ...without,
    counters: { ...without.counters, tcpcopy: { before: {}, after } },
  });
  expect(verification.reasons).toEqual([]);
  const report = reportAsText(verification);
  expect(report).toContain('PASS  every request of a copied connection arrived once');
  expect(report).toContain(`left out    ${first!.requests.length} request`);
});
