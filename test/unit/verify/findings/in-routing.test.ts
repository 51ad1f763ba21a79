import type { CopyState } from '../../../../lab/verify/evidence/copy-state';
import { findInState } from '../../../../lab/verify/findings/in-state';
import { rulesIn } from '../../../../src/firewall/iptables-save';
import type { Way } from '../../../../lab/verify/evidence/routing-state';
import { dataLinkScene, healthyRouting, withRouting } from '../world/data-link';

const find = (before: CopyState, after: CopyState = before) => findInState(dataLinkScene, { before, after });

/** What is for the client goes elsewhere than all else. */
const clientGoes = (goes: Way['goes']): CopyState =>
  withRouting({ ways: [healthyRouting.ways[0]!, { to: '198.18.10.130', goes }] });

test('a healthy copy gives no finding, and is asked for no queue', () => {
  expect(find(withRouting())).toEqual([]);
});

describe('the route', () => {
  test('that is missing is told once, with its mend', () => {
    const ways = healthyRouting.ways.map(({ to }): Way => ({ to, goes: { kind: 'nowhere' } }));
    expect(find(withRouting({ ways }))).toEqual([
      {
        code: 'route-missing',
        message:
          'test has no route to 198.18.10.128/25: its responses go nowhere, and intercept on assistant never hears of them.',
        mend: 'on test: ip route replace 198.18.10.128/25 via 198.18.10.40',
      },
    ]);
  });

  test('that a better one for a single client passes by is told with the client', () => {
    expect(find(clientGoes({ kind: 'directly' }))).toMatchObject([
      { code: 'route-direct', message: expect.stringContaining('what is for 198.18.10.130 to it directly') },
    ]);
  });

  test('to a client whose copies have other addresses is not to be there', () => {
    const elsewhere = (goes: Way['goes']): CopyState =>
      withRouting({ ways: [healthyRouting.ways[0]!, { to: '198.18.10.50', goes }] });
    expect(find(elsewhere({ kind: 'nowhere' }))).toEqual([]);
    expect(find(elsewhere({ kind: 'directly' }))).toMatchObject([
      { code: 'route-direct', mend: 'on test: ip route add blackhole 198.18.10.50' },
    ]);
  });

  test('of a router that is to hand responses to the assistant is told with the policy that it lacks', () => {
    const tables = { '198.18.10.128/25': 101 };
    const router = {
      ...{ name: 'router', device: 'eth2', hardware: '02:00:00:00:00:11' },
      ...{ nexts: { '198.18.10.128/25': '198.18.11.40' }, tables },
    };
    const assistant = { ...dataLinkScene.assistants[0]!, by: [router] };
    const scene = { ...dataLinkScene, assistants: [assistant] };
    const passed = (goes: Way['goes']): CopyState =>
      withRouting({ passed: [{ router: 'router', assistant: 'assistant', to: '198.18.10.128', goes }] });
    const findPassed = (goes: Way['goes']) =>
      findInState(scene, { before: passed(goes), after: passed(goes) });
    expect(findPassed({ kind: 'by', gateway: '198.18.11.40' })).toEqual([]);
    expect(findPassed({ kind: 'directly' })).toEqual([
      {
        code: 'policy-missing',
        message: expect.stringContaining('responses of test to 198.18.10.128/25 to assistant'),
        mend: expect.stringContaining('ip rule add from 198.18.10.30 to 198.18.10.128/25 lookup 101'),
      },
    ]);
  });

  test('by way of somebody else is told with who that is', () => {
    expect(find(clientGoes({ kind: 'by', gateway: '198.18.10.1' }))).toMatchObject([
      { code: 'route-elsewhere', message: expect.stringContaining('by way of 198.18.10.1, and not') },
    ]);
  });

  test('that was lost, and one that came late, are told as such', () => {
    const lost = clientGoes({ kind: 'nowhere' });
    expect(find(withRouting(), lost)[0]!.message).toMatch(/It was not so before the load\.$/);
    expect(find(lost, withRouting())[0]!.message).toMatch(/It was so before the load only\.$/);
  });
});

test('a missing black hole is told while the route is there', () => {
  expect(find(withRouting({ blackHoles: ['198.18.11.0/24'] }))).toMatchObject([
    { code: 'black-hole-missing', mend: 'on test: ip route add blackhole 198.18.10.128/25 metric 4096' },
  ]);
});

test('an assistant that forwards is told with the settings', () => {
  const assistants = [{ ...healthyRouting.assistants[0]!, forwarding: ['net.ipv4.conf.eth0.forwarding'] }];
  expect(find(withRouting({ assistants }))).toMatchObject([
    {
      code: 'assistant-forwards',
      message: expect.stringMatching(
        /^assistant lets packets on \(not 0: net\.ipv4\.conf\.eth0\.forwarding\)/,
      ),
    },
  ]);
});

describe('redirects', () => {
  const accepting = withRouting({ acceptingRedirects: ['net.ipv4.conf.eth0.accept_redirects'] });
  const behind = (...rules: readonly string[]): CopyState => ({
    ...accepting,
    rules: {
      4: rulesIn(['-p icmp -m icmp --icmp-type 5 -j DROP', ...rules].toReversed().map(inInput).join('\n')),
      6: {},
    },
  });
  const inInput = (rule: string): string => `-A INPUT ${rule}`;

  test('that the test server believes are told with the rule that drops them', () => {
    expect(find(accepting)).toMatchObject([
      {
        code: 'redirects-accepted',
        mend: 'on test: iptables -I INPUT -p icmp --icmp-type redirect -j DROP',
      },
    ]);
  });

  test('that a rule drops first are believed by nobody', () => {
    expect(find(behind())).toEqual([]);
    expect(find(behind('-p icmp -j ACCEPT'))).toMatchObject([{ code: 'redirects-accepted' }]);
  });
});

describe('intercept', () => {
  const without = {
    ...withRouting({ assistants: [{ ...healthyRouting.assistants[0]!, intercept: undefined }] }),
    intercept: undefined,
  };

  test('is looked for on the assistant, and told with its command line', () => {
    expect(find(withRouting(), without)).toEqual([
      {
        code: 'intercept-not-running',
        message: 'intercept ran on assistant before the load and is gone.',
        mend: "on assistant: intercept -i eth0 -F 'tcp and src port 8080' -d (its log: /var/log/intercept.log)",
      },
    ]);
  });

  test('without a connection is told with the assistant', () => {
    expect(find({ ...withRouting(), controlConnections: 0 })).toMatchObject([
      { code: 'control-not-connected', message: expect.stringMatching(/to intercept on assistant\.$/) },
    ]);
  });
});
