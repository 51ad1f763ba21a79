import { diagnose, type Diagnosis } from '../../../src/doctor/diagnosis';
import type { ClientProbe, InterceptFacts, MachineFacts } from '../../../src/doctor/facts';
import { interceptChecks } from '../../../src/doctor/intercept-checks';
import {
  assistantFacts,
  device,
  GUARD,
  interceptFacts,
  ipv6Facts,
  listener,
  rules,
  rulesOfIpv6,
} from './facts';

type Changes = Parameters<typeof interceptFacts>[0];

const diagnosesOf = (facts: InterceptFacts): Diagnosis[] => diagnose(interceptChecks, facts);
const wrongIn = (facts: InterceptFacts) => diagnosesOf(facts).filter(({ verdict }) => verdict === 'wrong');
const unknownIn = (facts: InterceptFacts) =>
  diagnosesOf(facts)
    .filter(({ verdict }) => verdict === 'unknown')
    .map(({ check }) => check);

const withRules = (...lines: readonly string[]): Changes => ({ machine: { rules: rules(...lines) } });
const client = (fields: Partial<ClientProbe>): Changes => ({
  clients: [{ ...interceptFacts().clients[0]!, ...fields }],
});
const control = (fields: Parameters<typeof listener>[1]): Changes => ({
  machine: { listeners: [listener(8080), listener(36_524, fields)] },
});

test.each([
  ['test server', interceptFacts()],
  ['assistant', assistantFacts()],
  ['test server of IPv6', ipv6Facts()],
  [
    'test server before intercept is started',
    interceptFacts({ machine: { queues: [], listeners: [listener(8080)], programs: [] } }),
  ],
  [
    'test server whose rules intercept is to put there itself',
    interceptFacts({ ...withRules(), guardedPorts: [8080] }),
  ],
])('a healthy %s has nothing wrong', (_, facts) => {
  expect(wrongIn(facts)).toEqual([]);
});

test.each<[string, string, string, Changes]>([
  ['guard-rule-missing', 'port 8080', 'iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE', withRules()],
  [
    'guard-rule-missing',
    'no rule leads any port',
    '--copied',
    { ...withRules(), copied: [], portsNamed: false },
  ],
  ['guard-rule-wrong-port', '--sport 8081', '--sport 8080', withRules(GUARD.replace('8080', '8081'))],
  ['guard-rule-wrong-chain', 'INPUT', 'iptables -D INPUT', withRules(GUARD.replace('OUTPUT', 'INPUT'))],
  [
    'guard-rule-partial',
    '-d 10.0.0.1/32',
    '-I OUTPUT',
    withRules(GUARD.replace('OUTPUT', 'OUTPUT -d 10.0.0.1/32')),
  ],
  ['guard-rule-shadowed', '-p tcp -j ACCEPT', 'first', withRules('-A OUTPUT -p tcp -j ACCEPT', GUARD)],
  ['guard-rule-shadowed', 'never sees them', 'first', withRules('-A OUTPUT -p tcp -j DROP', GUARD)],
  ['guard-bypass', '--queue-bypass', 'iptables -D', withRules(`${GUARD} --queue-bypass`)],
  ['guard-other-queue', 'leads to queue 5', '-Q 5', withRules(GUARD.replace('num 0', 'num 5'))],
  [
    'guard-other-queue',
    'the intercept that runs listens on queue 3',
    '-Q 0',
    { machine: { queues: [{ number: 3, portId: 60 }] } },
  ],
  ['queue-taken', 'process 99', '-Q 1', { machine: { queues: [{ number: 0, portId: 99 }], programs: [] } }],
  [
    'application-not-listening',
    'nobody listens on port 8080; there are listeners on 22',
    'start',
    { machine: { listeners: [listener(22)] } },
  ],
  ['input-dropped', 'INPUT -p tcp -j DROP', 'iptables -D INPUT', withRules(GUARD, '-A INPUT -p tcp -j DROP')],
  [
    'control-port-blocked',
    '--dport 36524 -j REJECT',
    'iptables -D INPUT',
    withRules(GUARD, '-A INPUT -p tcp -m tcp --dport 36524 -j REJECT'),
  ],
  [
    'reverse-path-filter',
    'rp_filter of eth0 is 1, and drops what comes from 198.18.10.10',
    'net.ipv4.conf.eth0.rp_filter=0',
    {
      ...client({ comesIn: 'reverse-path-filter' }),
      machine: { devices: [device({ reversePathFilter: 1 })] },
    },
  ],
  [
    'no-route-back',
    'no route to 198.18.10.10',
    'dev lo',
    client({ back: { kind: 'nowhere', reason: 'blackhole' } }),
  ],
  ['clients-on-passlist', '198.18.10.20', 'off -x', client({ client: '198.18.10.20' })],
  ['control-port-taken', 'nginx (process 40)', 'intercept -p', control({})],
  ['bind-address-not-local', '198.18.10.31', '-b', { bindAddress: '198.18.10.31' }],
  [
    'control-bound-elsewhere',
    '127.0.0.1:36524',
    '-b 198.18.10.30',
    control({ address: '127.0.0.1', pid: 60 }),
  ],
  [
    'conntrack-full',
    '1000 of 1000',
    'nf_conntrack_max',
    { machine: { conntrack: { count: 1000, max: 1000 } } },
  ],
])('%s is named on a test server: %s', (cause, evidence, mend, changes) => {
  expect(wrongIn(interceptFacts(changes))).toContainEqual(
    expect.objectContaining({
      cause,
      evidence: expect.stringContaining(evidence),
      mend: expect.stringContaining(mend),
    }),
  );
});

const overIpv6 = { port: 8080, family: 6 } as const;
const withRulesOfIpv6 = (...lines: readonly string[]): Changes => ({
  machine: { rules: rulesOfIpv6(...lines) },
});

test.each<[string, string, string, Changes]>([
  [
    'guard-rule-missing',
    'no rule of ip6tables leads responses of port 8080 over IPv6',
    'ip6tables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
    // It guards IPv4 alone.
    { machine: { rules: rules(GUARD) } },
  ],
  [
    'guard-rule-wrong-chain',
    'INPUT',
    'ip6tables -D INPUT',
    withRulesOfIpv6(GUARD.replace('OUTPUT', 'INPUT')),
  ],
  [
    'guard-rule-partial',
    '-d 2001:2::/64',
    'ip6tables -I OUTPUT',
    withRulesOfIpv6(GUARD.replace('OUTPUT', 'OUTPUT -d 2001:2::/64')),
  ],
  [
    'guard-rule-shadowed',
    '-p tcp -j ACCEPT',
    'ip6tables -D OUTPUT',
    withRulesOfIpv6('-A OUTPUT -p tcp -j ACCEPT', GUARD),
  ],
  ['guard-bypass', '--queue-bypass', 'ip6tables -D', withRulesOfIpv6(`${GUARD} --queue-bypass`)],
  [
    'no-route-to-canary',
    'no route to 100::1 (Network is unreachable)',
    'ip -6 route add 100::/64 dev lo',
    { canaries: [{ address: '100::1', way: { kind: 'nowhere', reason: 'Network is unreachable' } }] },
  ],
  [
    'no-route-to-canary',
    'no route to 2001:2::77',
    'ip -6 route add 2001:2::77 dev lo',
    { canaries: [{ address: '2001:2::77', way: { kind: 'nowhere', reason: 'Network is unreachable' } }] },
  ],
  [
    'application-not-listening',
    'nobody listens on port 8080 over IPv6; there are listeners on 22',
    'start',
    { machine: { listeners: [listener(8080), listener(22, { address: '::' })] } },
  ],
  [
    'input-dropped',
    'port 8080 over IPv6 away: INPUT -s ::/0 -p tcp -j DROP',
    'ip6tables -D INPUT',
    withRulesOfIpv6(GUARD, '-A INPUT -s ::/0 -p tcp -j DROP'),
  ],
  [
    'no-route-back',
    'no route to 2001:2::10',
    'ip -6 route replace default dev lo',
    { clients: [{ ...ipv6Facts().clients[0]!, back: { kind: 'nowhere', reason: 'No route to host' } }] },
  ],
  ['bind-address-not-local', '-b 2001:2::31', '-b', { bindAddress: '2001:2::31' }],
  [
    'control-bound-elsewhere',
    '[::1]:36524',
    '-b 2001:2::30',
    {
      machine: {
        listeners: [listener(8080, { address: '::' }), listener(36_524, { address: '::1', pid: 60 })],
      },
    },
  ],
  [
    'control-bound-elsewhere',
    '0.0.0.0:36524',
    '-b',
    {
      bindAddress: undefined,
      machine: { listeners: [listener(8080, { address: '::' }), listener(36_524, { pid: 60 })] },
    },
  ],
  [
    'control-port-blocked',
    'port 36524 over IPv6',
    'ip6tables -D INPUT',
    withRulesOfIpv6(GUARD, '-A INPUT -p tcp -m tcp --dport 36524 -j DROP'),
  ],
])('%s is named on a test server that is copied to over IPv6: %s', (cause, evidence, mend, changes) => {
  expect(wrongIn(ipv6Facts(changes))).toContainEqual(
    expect.objectContaining({
      cause,
      evidence: expect.stringContaining(evidence),
      mend: expect.stringContaining(mend),
    }),
  );
});

describe('on a test server of both families', () => {
  const both = { devices: [device({ addresses: ['198.18.10.30', '2001:2::30'] })] };
  const heard = [listener(8080), listener(8080, { address: '::' })];
  const copiedOverBoth = [{ port: 8080, family: 4 }, overIpv6] as const;

  test('each that is copied to needs a rule of its own', () => {
    const machine = { ...both, listeners: heard, rules: rules(GUARD) };
    expect(wrongIn(interceptFacts({ copied: copiedOverBoth, machine }))).toMatchObject([
      { cause: 'guard-rule-missing', mend: expect.stringMatching(/^ip6tables -I OUTPUT/) },
    ]);
    const guarded = { ...machine, rules: { 4: rules(GUARD)[4]!, 6: rulesOfIpv6(GUARD)[6]! } };
    expect(wrongIn(interceptFacts({ copied: copiedOverBoth, machine: guarded }))).toEqual([]);
  });

  test('that without a rule is left open where nothing is known to be copied over it', () => {
    const facts = interceptFacts({ machine: { ...both, listeners: heard, rules: rules(GUARD) } });
    expect([wrongIn(facts), unknownIn(facts)]).toEqual([[], ['guard-rule']]);
    const onlyIpv4 = interceptFacts({ machine: { ...both, listeners: [listener(8080)] } });
    expect(unknownIn(onlyIpv4)).toEqual([]);
  });

  test('the rules of one are judged although those of the other cannot be read', () => {
    const machine = { ...both, rules: { 4: rules(GUARD.replace('8080', '8081'))[4]! } };
    const facts = interceptFacts({ machine });
    expect(unknownIn(facts)).toEqual(['firewall']);
    expect(wrongIn(facts)).toMatchObject([{ cause: 'guard-rule-wrong-port' }]);
  });
});

test.each<[string, string, string, InterceptFacts]>([
  [
    'assistant-forwards',
    'over IPv6 on (not 0: net.ipv6.conf.all.forwarding, net.ipv6.conf.eth0.force_forwarding)',
    'sysctl -w net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth0.force_forwarding=0',
    assistantFacts(
      { forwarding: { 4: [], 6: ['net.ipv6.conf.all.forwarding', 'net.ipv6.conf.eth0.force_forwarding'] } },
      { copied: [overIpv6] },
    ),
  ],
  [
    'filter-never-matches',
    'port 8080 over IPv6 through: ip and tcp',
    "-F 'tcp and src port 8080'",
    assistantFacts({ filter: 'ip and tcp' }, { copied: [overIpv6] }),
  ],
  [
    'assistant-forwards',
    'net.ipv4.ip_forward',
    'ip_forward=0',
    assistantFacts({ forwarding: { 4: ['net.ipv4.ip_forward'], 6: [] } }),
  ],
  [
    'filter-invalid',
    'syntax error',
    "-F 'tcp and src port 8080'",
    assistantFacts({ filterFault: 'syntax error' }),
  ],
  [
    'filter-never-matches',
    'port 8080 through: tcp and src port 80',
    "-F 'tcp and src port 8080'",
    assistantFacts({ filter: 'tcp and src port 80', matched: [] }),
  ],
  ['capture-device-missing', 'no device eth1', '-i', assistantFacts({ devices: ['eth1'] })],
  [
    'device-down',
    'eth0 is down',
    'ip link set eth0 up',
    assistantFacts({}, { machine: { devices: [device({ up: false })] } }),
  ],
  [
    'intercept-on-test-server',
    'nginx listens on port 8080 here',
    'without -i and -F',
    assistantFacts({}, { machine: { listeners: [listener(8080)] } }),
  ],
])('%s is named on an assistant', (cause, evidence, mend, facts) => {
  expect(wrongIn(facts)).toContainEqual(
    expect.objectContaining({
      cause,
      evidence: expect.stringContaining(evidence),
      mend: expect.stringContaining(mend),
    }),
  );
});

test.each<[string, InterceptFacts]>([
  ['firewall', interceptFacts({ machine: { nativeTables: ['inet fw4'] } })],
  ['way-back', interceptFacts(client({ stranger: true, back: { kind: 'nowhere', reason: 'unreachable' } }))],
  ['reverse-path-filter', interceptFacts(client({ comesIn: 'unknown' }))],
  ['application', interceptFacts({ machine: { listeners: undefined } })],
  ['canary-route', ipv6Facts({ canaries: [{ address: '2001:2::30', way: { kind: 'local' } }] })],
  ['filter', assistantFacts({ filter: 'tcp and src host 198.18.10.30', matched: [] })],
  ['forwarding', assistantFacts({ forwarding: undefined })],
  ['forwarding', assistantFacts({ forwarding: { 4: [], 6: ['net.ipv6.conf.all.forwarding'] } })],
  ['responses', assistantFacts({ packets: 0 })],
  ['responses', assistantFacts({ packets: undefined })],
  ['running', assistantFacts({}, { machine: { programs: [], listeners: [] } })],
])('%s is left open, and nothing called wrong', (check, facts) => {
  expect(unknownIn(facts)).toContain(check);
  expect(wrongIn(facts)).toEqual([]);
});

test('a guard that nft may have is not called missing', () => {
  const facts = interceptFacts({ machine: { rules: rules(), nativeTables: ['ip guard'] } });
  expect(wrongIn(facts)).toEqual([]);
  expect(unknownIn(facts)).toEqual(['firewall', 'guard-rule']);
});

test.each([
  ['ip6 guard', true],
  ['inet guard', true],
  ['ip guard', false],
])('of the tables of nft, %s may have the guard of IPv6: %s', (table, may) => {
  const facts = ipv6Facts({ machine: { rules: rules(GUARD), nativeTables: [table] } });
  expect(unknownIn(facts).includes('guard-rule')).toBe(may);
  expect(wrongIn(facts).length > 0).toBe(!may);
});

test('a rule of the queue that intercept was given with -Q is right', () => {
  const caught = { by: 'queue', queue: 5 } as const;
  const machine = { rules: rules(GUARD.replace('num 0', 'num 5')), queues: [{ number: 5, portId: 60 }] };
  expect(wrongIn(interceptFacts({ caught, machine }))).toEqual([]);
});

describe('of two workers', () => {
  const balanced = GUARD.replace('--queue-num 0', '--queue-balance 0:1');
  const queues = [0, 1].map((number) => ({ number, portId: 60 + number }));
  const listeners = [8080, 36_524, 36_525].map((port) =>
    listener(port, { address: '198.18.10.30', process: port === 8080 ? 'nginx' : 'intercept', pid: 60 }),
  );
  const of = (rule: string, more: Partial<MachineFacts> = {}) =>
    interceptFacts({ workers: 2, machine: { rules: rules(rule), queues, listeners, ...more } });

  test('the rule leads to the queues of both', () => {
    expect(wrongIn(of(balanced))).toEqual([]);
  });

  test.each([
    ['a rule to one queue', of(GUARD), 'guard-other-queue', '--queue-balance 0:1'],
    [
      'a queue where nobody listens',
      of(balanced, { queues: queues.slice(0, 1) }),
      'guard-other-queue',
      'restart intercept',
    ],
    [
      'a control port that is kept from tcpcopy',
      of(balanced, { rules: rules(balanced, '-A INPUT -p tcp -m tcp --dport 36525 -j DROP') }),
      'control-port-blocked',
      '-D INPUT -p tcp -m tcp --dport 36525',
    ],
  ])('%s is named, with what mends it', (_what, facts, cause, mend) => {
    const wrongs = diagnose(interceptChecks, facts).filter(({ verdict }) => verdict === 'wrong');
    expect(wrongs).toEqual([expect.objectContaining({ cause, mend: expect.stringContaining(mend) })]);
  });
});
