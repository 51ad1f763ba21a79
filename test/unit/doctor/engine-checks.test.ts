import { engineChecks } from '../../../lab/doctor/engine-checks';
import type { EngineFacts, EnginesFacts, WayFacts } from '../../../lab/doctor/engine-facts';
import { fateOf, type Observed } from '../../../lab/doctor/probe-ways';
import { diagnose } from '../../../src/doctor/diagnosis';

const works = { kind: 'works' } as const;
const fails = { kind: 'fails', reason: 'not supported' } as const;

const addressOf = (name: string): string => `198.19.250.${name === 'a' ? 1 : 2}`;
const engine = (name: string): EngineFacts => ({
  name,
  address: `unix:///run/${name}.sock`,
  fault: undefined,
  survey: { version: '27.0.1', apiVersion: '1.46', architecture: 'x86_64', kernel: '6.18.0' },
  swarm: {
    state: 'active',
    isManager: name === 'a',
    id: `id-${name}`,
    address: addressOf(name),
    members: name === 'a' ? { 'id-a': 'ready', 'id-b': 'ready' } : {},
  },
  features: { nfqueue: works, 'packet-sockets': works, vxlan: works },
});
const way = (from: string, to: string): WayFacts => ({
  from,
  to,
  address: addressOf(to),
  ports: {
    '7946/tcp': 'came',
    '7946/udp': 'came',
    '4789/udp': 'came',
    ...(to === 'a' && { '2377/tcp': 'came' }),
  },
  carried_bytes: 1500,
  device: { name: 'eth0', mtu_bytes: 1500 },
});
const healthy: EnginesFacts = {
  engines: [engine('a'), engine('b')],
  ways: [way('a', 'b'), way('b', 'a')],
  clocks: [{ engine: 'b', reference: 'a', reading: { ahead_ms: 12, error_ms: 0.5 } }],
  notProbed: undefined,
  nowhere: [],
};
const withB = (changes: Partial<EngineFacts>): Partial<EnginesFacts> => ({
  engines: [engine('a'), { ...engine('b'), ...changes }],
});
const withWay = (changes: Partial<WayFacts>): Partial<EnginesFacts> => ({
  ways: [{ ...way('a', 'b'), ...changes }, way('b', 'a')],
});
const blocked = (fate: 'stopped' | 'lost' | 'refused' | 'unanswered') =>
  withWay({ ports: { ...way('a', 'b').ports, '4789/udp': fate } });
const wrongIn = (changes: Partial<EnginesFacts>) =>
  diagnose(engineChecks, { ...healthy, ...changes }).filter(({ verdict }) => verdict === 'wrong');

test('engines that can carry a lab lack nothing', () => {
  expect(new Set(diagnose(engineChecks, healthy).map(({ verdict }) => verdict))).toEqual(new Set(['ok']));
});

test.each<[string, string, string, Partial<EnginesFacts>]>([
  [
    'engine-unreachable',
    'b: no Docker engine answers',
    'leave b out',
    withB({ fault: 'refused', survey: undefined }),
  ],
  [
    'engine-too-old',
    'b: Docker 19 (API 1.40)',
    'Docker 20.10',
    withB({ survey: { ...engine('b').survey!, version: '19', apiVersion: '1.40' } }),
  ],
  [
    'architectures-differ',
    'b is aarch64',
    'x86_64',
    withB({ survey: { ...engine('b').survey!, architecture: 'aarch64' } }),
  ],
  [
    'swarm-missing',
    'b is in no swarm (inactive)',
    'on b: ',
    withB({ swarm: { ...engine('b').swarm!, state: 'inactive' } }),
  ],
  [
    'swarm-missing',
    'a, the first, is no manager',
    'swarm init',
    { engines: [{ ...engine('a'), swarm: { ...engine('a').swarm!, isManager: false } }, engine('b')] },
  ],
  [
    'swarm-differs',
    'b is in another swarm than a',
    'swarm leave',
    withB({ swarm: { ...engine('b').swarm!, id: 'id-c' } }),
  ],
  [
    'swarm-differs',
    'down by its word',
    'swarm-ports',
    {
      engines: [
        { ...engine('a'), swarm: { ...engine('a').swarm!, members: { 'id-b': 'down' } } },
        engine('b'),
      ],
    },
  ],
  [
    'nfqueue-missing',
    'b (kernel 6.18.0): no rule with NFQUEUE can be made: not supported; a can',
    'on b: modprobe',
    withB({ features: { ...engine('b').features!, nfqueue: fails } }),
  ],
  [
    'packet-sockets-missing',
    'b (kernel',
    'on b: modprobe',
    withB({ features: { ...engine('b').features!, 'packet-sockets': fails } }),
  ],
  [
    'vxlan-missing',
    'b (kernel',
    'on b: modprobe vxlan',
    withB({ features: { ...engine('b').features!, vxlan: fails } }),
  ],
  [
    'swarm-port-blocked',
    '4789/udp (the tunnels of networks): what a sends comes to b (198.19.250.2), and the firewall of b takes it away',
    'on b: iptables -I INPUT -p udp --dport 4789 -j ACCEPT',
    blocked('stopped'),
  ],
  [
    'swarm-port-blocked',
    'what a sends comes to b (2001:2:0:fa::2)',
    'on b: ip6tables -I INPUT -p udp',
    withWay({ address: '2001:2:0:fa::2', ports: { '4789/udp': 'stopped' } }),
  ],
  [
    'swarm-missing',
    'b is in its swarm by 2001:2:0:fa::2: the tunnels of labs need IPv4',
    '--advertise-addr',
    withB({ swarm: { ...engine('b').swarm!, address: '2001:2:0:fa::2' } }),
  ],
  ['swarm-port-blocked', 'what a sends never comes to b', 'between', blocked('lost')],
  [
    'swarm-port-blocked',
    'the firewall of a lets nothing out',
    'on a: iptables -I OUTPUT',
    blocked('refused'),
  ],
  ['swarm-port-blocked', 'no answer comes back', 'INPUT on a', blocked('unanswered')],
  [
    'path-mtu-small',
    'at most 1400 bytes pass; tunnels need 1500: eth0 on a has an MTU of 1400',
    'on a: ip link set eth0 mtu 1500',
    withWay({ carried_bytes: 1400, device: { name: 'eth0', mtu_bytes: 1400 } }),
  ],
  ['path-mtu-small', 'it is between, or at b', 'whole way', withWay({ carried_bytes: 1400 })],
  [
    'path-mtu-small',
    'a has no route to b',
    'ip route add',
    withWay({ ports: {}, carried_bytes: undefined, device: undefined }),
  ],
  [
    'clocks-apart',
    'the clock of b is 2500.0 ms behind that of a, ± 0.5 ms',
    'on b and a',
    { clocks: [{ engine: 'b', reference: 'a', reading: { ahead_ms: -2500, error_ms: 0.5 } }] },
  ],
])('%s: %s', (cause, evidence, mend, changes) => {
  expect(wrongIn(changes)).toEqual([
    expect.objectContaining({
      cause,
      evidence: expect.stringContaining(evidence),
      mend: expect.stringContaining(mend),
    }),
  ]);
});

test('a clock that is not known better than it is apart is not called wrong', () => {
  const reading = { ahead_ms: 1500, error_ms: 800 };
  expect(wrongIn({ clocks: [{ engine: 'b', reference: 'a', reading }] })).toEqual([]);
});

test('what could not be asked is said, with how it could', () => {
  const notProbed = { reason: 'no image', mend: 'lab build' };
  const found = diagnose(engineChecks, { ...healthy, ways: [], clocks: [], notProbed, nowhere: ['b'] });
  expect(found.filter(({ verdict }) => verdict === 'unknown')).toEqual([
    expect.objectContaining({ mend: 'lab build' }),
    expect.objectContaining({ evidence: expect.stringContaining('reach b') }),
  ]);
});

describe('what became of what was sent to a port', () => {
  const observed: Observed = {
    sent: 'answered 7946\n',
    heard: 'udp 4789 46\ntcp 7946 198.19.250.1\n',
    passed: '',
    source: '198.19.250.1',
    to: '198.19.250.2',
  };
  const line = (port: number) => `IP 198.19.250.1.5000 > 198.19.250.2.${port}: UDP, length 4\n`;
  test.each([
    ['came', '4789/udp', {}],
    ['came', '7946/tcp', {}],
    ['unanswered', '7946/tcp', { sent: '' }],
    ['lost', '7946/udp', {}],
    ['lost', '7946/tcp', { heard: 'tcp 7946 198.19.250.9\n' }],
    ['stopped', '7946/udp', { passed: line(7946) }],
    ['lost', '7946/udp', { passed: line(79) }],
    ['lost', '7946/udp', { passed: line(7946).replace('UDP', 'Flags [S], seq 1') }],
    ['stopped', '7946/tcp', { heard: '', passed: line(7946).replace('UDP', 'Flags [S], seq 1') }],
    ['lost', '7946/tcp', { heard: '', passed: line(7946) }],
    ['refused', '7946/udp', { sent: 'refused udp 7946 Operation not permitted\n' }],
  ] as const)('is %s, of %s with %j', (fate, port, changes) => {
    expect(fateOf(port, { ...observed, ...changes })).toBe(fate);
  });
});
