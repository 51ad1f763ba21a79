import type { CopyState } from '../../../../lab/verify/evidence/copy-state';
import { findInState } from '../../../../lab/verify/findings/in-state';
import { rulesIn } from '../../../../src/firewall/iptables-save';
import { dualScene, scene } from '../world/scene';
import { healthyState, withRules } from '../world/state';

const find = (before: CopyState, after: CopyState = before) => findInState(scene, { before, after });
const codes = (before: CopyState, after: CopyState = before): string[] =>
  find(before, after).map(({ code }) => code);

const guard = '-p tcp -m tcp --sport 8080 -j NFQUEUE --queue-num 0';

test('a healthy copy gives no finding', () => {
  expect(find(healthyState)).toEqual([]);
});

describe('the rule', () => {
  test('that is missing is told with its mend', () => {
    expect(find(withRules())).toEqual([
      {
        code: 'guard-rule-missing',
        message: 'There is no NFQUEUE rule for port 8080 on test: its responses are not caught.',
        mend: 'on test: iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
      },
    ]);
  });

  test('that was lost is told as such', () => {
    const [finding, ...others] = find(healthyState, withRules());
    expect(finding).toMatchObject({
      code: 'guard-rule-missing',
      message: expect.stringMatching(/not caught\. It was there before the load\.$/),
    });
    expect(others).toEqual([]);
  });

  test('that came late is told as such', () => {
    const [finding, ...others] = find(withRules(), healthyState);
    expect(finding).toMatchObject({
      code: 'guard-rule-missing',
      message: expect.stringMatching(/not caught\. It came while the load ran\.$/),
    });
    expect(others).toEqual([]);
  });

  test.each([
    ['-p tcp -m tcp --sport 8081', 'port 8081'],
    ['-p tcp -m tcp --sport 8081:8090', 'ports 8081:8090'],
    ['-p tcp -m multiport --sports 80,443', 'ports 80,443'],
    ['-p tcp -m tcp ! --sport 8080', 'every port but 8080'],
  ])('for the wrong port (%s) is told with both ports', (match, ports) => {
    expect(find(withRules(`${match} -j NFQUEUE --queue-num 0`))).toMatchObject([
      {
        code: 'guard-rule-wrong-port',
        message: `The NFQUEUE rule on test is for ${ports}, but port 8080 is copied: responses of port 8080 are not caught.`,
      },
    ]);
  });

  test('that does not catch everything is told as it was printed', () => {
    expect(find(withRules(`-d 198.18.10.10/32 ${guard}`))).toMatchObject([
      {
        code: 'guard-rule-partial',
        message: `The NFQUEUE rule on test does not catch every response of port 8080: OUTPUT -d 198.18.10.10/32 ${guard}.`,
      },
    ]);
  });

  test('with --queue-bypass is told once, with the commands that mend it', () => {
    expect(find(withRules(`${guard} --queue-bypass`))).toMatchObject([
      {
        code: 'guard-bypass',
        mend: `on test: iptables -D OUTPUT ${guard} --queue-bypass; iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE`,
      },
    ]);
  });

  test('with --queue-bypass for a while only is told too', () => {
    expect(codes(healthyState, withRules(`${guard} --queue-bypass`))).toEqual(['guard-bypass']);
    expect(codes(withRules(`${guard} --queue-bypass`), healthyState)).toEqual(['guard-bypass']);
  });

  test('behind another that lets responses out is told with that', () => {
    expect(find(withRules('-p tcp -j ACCEPT', guard))).toMatchObject([
      {
        code: 'guard-rule-shadowed',
        message: 'On test a rule before the guard lets responses out: OUTPUT -p tcp -j ACCEPT',
      },
    ]);
  });

  test('behind another that drops them is told with that', () => {
    expect(find(withRules('-p tcp -j DROP', guard))).toMatchObject([
      { code: 'guard-rule-shadowed', message: expect.stringContaining('drops the responses') },
    ]);
  });
});

describe('the queue', () => {
  test('that nobody listens to is told while intercept runs', () => {
    expect(find({ ...healthyState, boundQueues: [1] })).toMatchObject([
      { code: 'guard-queue-unbound', message: expect.stringContaining('to queue 0, where nobody listens') },
    ]);
  });

  test('is every one that the rule balances over', () => {
    const balanced = withRules('-p tcp -m tcp --sport 8080 -j NFQUEUE --queue-balance 0:2');
    expect(find({ ...balanced, boundQueues: [0, 1] })).toMatchObject([
      { code: 'guard-queue-unbound', message: expect.stringContaining('to queue 2,') },
    ]);
    expect(codes({ ...balanced, boundQueues: [2, 1, 0, 9] })).toEqual([]);
  });

  test('of an intercept that does not run is not told apart', () => {
    const gone = { ...healthyState, boundQueues: [], intercept: undefined };
    expect(codes(healthyState, gone)).toEqual(['intercept-not-running']);
  });
});

describe('a program', () => {
  test.each([
    ['intercept', 'on test: intercept -x 198.18.10.20 -b 198.18.10.30 -d (its log: /var/log/intercept.log)'],
    [
      'tcpcopy',
      'on online: tcpcopy -x 80-198.18.10.30:8080 -s 198.18.10.20 -d (its log: /var/log/tcpcopy.log)',
    ],
  ] as const)('%s that does not run is told with the command that starts it', (program, mend) => {
    const [finding, ...others] = find({ ...healthyState, [program]: undefined, controlConnections: 0 });
    expect(finding).toMatchObject({
      code: `${program}-not-running`,
      message: expect.stringMatching(`^${program} does not run on `),
      mend,
    });
    expect(others).toEqual([]);
  });

  test('that does not run and is another build is told with its own command', () => {
    const state = {
      before: { ...healthyState, tcpcopy: undefined },
      after: { ...healthyState, tcpcopy: undefined },
    };
    const [finding] = findInState({ ...scene, flavour: '0.9' }, state);
    const mend = 'on online: tcpcopy -x 80-198.18.10.30:8080 -l /var/log/tcpcopy.log -P /run/tcpcopy.pid -d';
    expect(finding).toMatchObject({
      code: 'tcpcopy-not-running',
      mend: `${mend} (its log: /var/log/tcpcopy.log)`,
    });
  });

  test('that is gone, and one that came late, are told as such', () => {
    const without = { ...healthyState, tcpcopy: undefined, controlConnections: 0 };
    expect(find(healthyState, without)[0]!.message).toBe(
      'tcpcopy ran on online before the load and is gone.',
    );
    expect(find(without, healthyState)[0]!.message).toBe(
      'tcpcopy did not run on online before the load; it does now.',
    );
  });

  test('without a connection to the other is told, and when it was lost', () => {
    const cut = { ...healthyState, controlConnections: 0 };
    expect(find(cut)).toMatchObject([
      { code: 'control-not-connected', message: expect.stringMatching(/intercept on test\.$/) },
    ]);
    expect(find(healthyState, cut)).toMatchObject([
      { code: 'control-not-connected', message: expect.stringMatching(/intercept on test any more\.$/) },
    ]);
  });
});

test('of a copy of both families each has its guard, and the lack of one is told in its words', () => {
  const rule = '-A OUTPUT -p tcp -m tcp --sport 8080 -j NFQUEUE --queue-num 0';
  const rules = rulesIn(`:OUTPUT ACCEPT [0:0]\n${rule}\n`);
  const found = (state: CopyState) => findInState(dualScene, { before: state, after: state });
  expect(found({ ...healthyState, rules: { 4: rules, 6: rules } })).toEqual([]);
  expect(found({ ...healthyState, rules: { 4: rules, 6: rulesIn('') } })).toEqual([
    {
      code: 'guard-rule-missing',
      message: 'There is no NFQUEUE rule for port 8080 on test (ip6tables): its responses are not caught.',
      mend: 'on test: ip6tables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
    },
  ]);
});

test('nothing at all is told from its cause on: the rule, then the programs', () => {
  const nothing: CopyState = {
    rules: { 4: rulesIn(''), 6: rulesIn('') },
    boundQueues: [],
    routing: undefined,
    intercept: undefined,
    tcpcopy: undefined,
    controlConnections: 0,
  };
  expect(codes(nothing)).toEqual(['guard-rule-missing', 'intercept-not-running', 'tcpcopy-not-running']);
});
