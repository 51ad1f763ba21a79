import { diagnose, type Diagnosis } from '../../../src/doctor/diagnosis';
import type { ClientProbe, InterceptFacts } from '../../../src/doctor/facts';
import { interceptChecks } from '../../../src/doctor/intercept-checks';
import { assistantFacts, device, GUARD, interceptFacts, listener, rules } from './facts';

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
  [
    'test server before intercept is started',
    interceptFacts({ machine: { queues: [], listeners: [listener(8080)], programs: [] } }),
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
    { ...withRules(), copiedPorts: [], portsNamed: false },
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

test.each<[string, string, string, InterceptFacts]>([
  [
    'assistant-forwards',
    'net.ipv4.ip_forward',
    'ip_forward=0',
    assistantFacts({ forwarding: ['net.ipv4.ip_forward'] }),
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
    assistantFacts({ filter: 'tcp and src port 80', matchedPorts: [] }),
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
  ['filter', assistantFacts({ filter: 'tcp and src host 198.18.10.30', matchedPorts: [] })],
  ['forwarding', assistantFacts({ forwarding: undefined })],
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

test('a rule of the queue that intercept was given with -Q is right', () => {
  const caught = { by: 'queue', queue: 5 } as const;
  const machine = { rules: rules(GUARD.replace('num 0', 'num 5')), queues: [{ number: 5, portId: 60 }] };
  expect(wrongIn(interceptFacts({ caught, machine }))).toEqual([]);
});
