import { diagnose, type Diagnosis } from '../../../src/doctor/diagnosis';
import type { Connection, ControlAnswer, TcpcopyFacts, Traffic, Transfer } from '../../../src/doctor/facts';
import { tcpcopyChecks } from '../../../src/doctor/tcpcopy-checks';
import { device, listener, rules, rulesOfIpv6, tcpcopyFacts } from './facts';

type Changes = Parameters<typeof tcpcopyFacts>[0];

const diagnosesOf = (facts: TcpcopyFacts): Diagnosis[] => diagnose(tcpcopyChecks, facts);
const wrongIn = (changes: Changes) =>
  diagnosesOf(tcpcopyFacts(changes)).filter(({ verdict }) => verdict === 'wrong');
const unknownIn = (changes: Changes) =>
  diagnosesOf(tcpcopyFacts(changes))
    .filter(({ verdict }) => verdict === 'unknown')
    .map(({ check }) => check);

const answer = (fields: Partial<ControlAnswer>): ControlAnswer[] => [
  {
    intercept: '198.18.10.30:36524',
    armed: false,
    welcomed: false,
    reason: '',
    passlist: [],
    ownCopies: [],
    ...fields,
  },
];
const ownSources = (givenOut = { first: 32_768, last: 60_999 }) => ({
  addresses: [0xc612_0a14],
  ports: { first: 61_000, last: 65_535 },
  givenOut,
  used: [],
});
const way = (fields: object) =>
  new Map([
    [
      '198.18.10.30',
      { kind: 'goes' as const, device: 'eth0', gateway: undefined, mtu_bytes: undefined, ...fields },
    ],
  ]);
const connections = (...peers: string[]): Connection[] => peers.map((peer) => ({ localPort: 80, peer }));
const silence: Traffic = {
  watched_ms: 1000,
  captured: 0,
  elsewhere: new Map(),
  passing: undefined,
  payloads: 0,
  tlsRecords: 0,
};
/** A machine with no server of its own. */
const mirror = (traffic: Partial<Traffic> = {}): NonNullable<Changes> => ({
  machine: { devices: [device({ addresses: ['198.18.10.40'] })], listeners: [] },
  mirrored: true,
  clients: [],
  traffic: { ...silence, passing: { packets: 0, answers: 0 }, ...traffic },
});
const [transfer] = tcpcopyFacts().transfers as [Transfer];
const toIpv6: NonNullable<Changes> = {
  transfers: [{ ...transfer, onlineAddress: undefined, testAddress: '2001:2::30' }],
  clients: connections('2001:db8::2'),
  ways: new Map([['2001:2::30', { kind: 'goes', device: 'eth0', gateway: undefined, mtu_bytes: undefined }]]),
  neighbours: new Map([['2001:2::30', 'REACHABLE']]),
};
const own = { addresses: ['198.18.10.20'] };

test('a machine on which everything is right has nothing wrong and nothing unknown', () => {
  expect(new Set(diagnosesOf(tcpcopyFacts()).map(({ verdict }) => verdict))).toEqual(new Set(['ok']));
});

test.each<[string, string, string, Changes]>([
  [
    'no-privileges',
    'CAP_NET_RAW',
    '--cap-add',
    { machine: { capabilities: { netAdmin: true, netRaw: false } } },
  ],
  [
    'conntrack-full',
    '950 of 1000',
    'nf_conntrack_max=4000',
    { machine: { conntrack: { count: 950, max: 1000 } } },
  ],
  [
    'test-server-unreachable',
    'Network is unreachable',
    'ip route add 198.18.10.30',
    { ways: new Map([['198.18.10.30', { kind: 'nowhere', reason: 'Network is unreachable' }]]) },
  ],
  [
    'device-down',
    'eth0, which has no carrier',
    'ip link',
    { machine: { devices: [device({ ...own, carrier: false })] } },
  ],
  [
    'next-hop-silent',
    'FAILED',
    'ip neigh show 198.18.10.30',
    { neighbours: new Map([['198.18.10.30', 'FAILED']]) },
  ],
  [
    'next-hop-silent',
    '198.18.10.1 does not answer ARP',
    'ip neigh show 198.18.10.1',
    { ways: way({ gateway: '198.18.10.1' }), neighbours: new Map([['198.18.10.30', 'INCOMPLETE']]) },
  ],
  ['mtu-too-large', 'takes 1400', '-M 1400', { ways: way({ mtu_bytes: 1400 }) }],
  ['mtu-too-large', '9000 bytes', '-M 1500', { mtu_bytes: 9000 }],
  [
    'output-dropped',
    'OUTPUT -d 198.18.10.30/32 -j DROP',
    'iptables -D OUTPUT -d 198.18.10.30/32 -j DROP',
    {
      machine: {
        rules: rules(
          '-A OUTPUT -p tcp -m tcp --dport 36524 -j ACCEPT',
          '-A OUTPUT -d 198.18.10.30/32 -j DROP',
        ),
      },
    },
  ],
  [
    'own-copies-missing',
    'lets through what is sent to 198.18.10.20, and ports 61000-65535',
    'intercept --own-copies 198.18.10.20:61000-65535',
    { sourceAddresses: ['198.18.10.20'], own: ownSources() },
  ],
  [
    'source-ports-given-out',
    '4536 of the 4536 ports',
    'ip_local_port_range="1024 60999"',
    {
      sourceAddresses: ['198.18.10.20'],
      own: ownSources({ first: 1024, last: 65_535 }),
      control: answer({ armed: true, welcomed: true }),
    },
  ],
  [
    'source-ports-in-use',
    '2 connections of programs to the test server from --source-ports 61000-65535 (198.18.10.20:61001, 198.18.10.20:61002)',
    'ss -tnp "sport >= 61000 and sport <= 65535"',
    {
      sourceAddresses: ['198.18.10.20'],
      own: {
        ...ownSources(),
        used: [61_001, 61_002].map((clientPort) => ({
          clientAddress: 0xc612_0a14,
          clientPort,
          serverAddress: 0xc612_0a1e,
          serverPort: 8080,
        })),
      },
      control: answer({ armed: true, welcomed: true }),
    },
  ],
  [
    'source-on-passlist',
    '198.18.10.200',
    '198.18.10.200',
    {
      sourceAddresses: ['198.18.10.200'],
      control: answer({ armed: true, welcomed: true, passlist: ['198.18.10.200'] }),
    },
  ],
  ['machine-busy', 'for 71 % of the time', 'tcpcopy -r', { coreWait_percent: 70.7 }],
  [
    'ports-too-few',
    '3 open connections of one client address, -n 30000: 90000 of 64512',
    '-n 21504',
    { copies: 30_000, clients: connections('10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2') },
  ],
  [
    'ports-too-few',
    '2 open connections of each address of -c',
    '-n 32256',
    {
      copies: 40_000,
      sourceAddresses: ['198.18.10.200', '198.18.10.201'],
      clients: connections('10.0.0.1', '10.0.0.2', '10.0.0.3'),
    },
  ],
  [
    'online-address-not-local',
    '198.18.10.20, which is no address',
    'ip addr add 198.18.10.20/32 dev lo',
    { machine: { devices: [device({ addresses: ['198.18.10.21'] })] }, absentAddresses: ['198.18.10.20'] },
  ],
  [
    'online-port-closed',
    'listeners on 22, 8080',
    '-x',
    { machine: { listeners: [listener(8080), listener(22)] } },
  ],
  [
    'capture-device-missing',
    'no device eth7; there are lo, eth0',
    '-i',
    { captureDevices: ['eth7', 'eth0'] },
  ],
  [
    'device-down',
    'eth0 is down',
    'ip link set eth0 up',
    { machine: { devices: [device({ ...own, up: false })] } },
  ],
  [
    'device-down',
    'eth0 is down',
    'ip link set eth0 up',
    { machine: { devices: [device({ ...own, up: false })] }, captureDevices: undefined },
  ],
  [
    'captured-elsewhere',
    'by vlan7, and not by eth0',
    '-i vlan7',
    {
      traffic: { ...silence, elsewhere: new Map([['vlan7', 3]]) },
    },
  ],
  [
    'captured-elsewhere',
    'by eth2, and not by eth0',
    'tcpcopy --mirror -i eth2',
    mirror({ elsewhere: new Map([['eth2', 3]]) }),
  ],
  ['mirror-silent', 'nothing that is for another machine came by eth0', '198.18.10.20:80', mirror()],
  [
    'mirror-one-way',
    '4 packets from 198.18.10.20:80 came by eth0',
    'both directions',
    mirror({ passing: { packets: 9, answers: 4 } }),
  ],
  [
    'next-hop-silent',
    '2001:2::30 does not answer neighbour solicitations',
    'ip neigh show 2001:2::30',
    { ...toIpv6, neighbours: new Map([['2001:2::30', 'FAILED']]) },
  ],
  [
    'test-server-unreachable',
    'no route to 2001:2::30',
    'ip -6 route add 2001:2::30',
    { ...toIpv6, ways: new Map([['2001:2::30', { kind: 'nowhere', reason: 'Network is unreachable' }]]) },
  ],
  [
    'output-dropped',
    'packets to [2001:2::30]:8080 away: OUTPUT -d 2001:2::/64',
    'ip6tables -D OUTPUT -d 2001:2::/64 -j DROP',
    { ...toIpv6, machine: { rules: rulesOfIpv6('-A OUTPUT -d 2001:2::/64 -j DROP') } },
  ],
  [
    'control-port-blocked',
    'connections to [2001:2::30]:36524',
    'ip6tables -I OUTPUT -d 2001:2::30',
    {
      ...toIpv6,
      machine: { rules: rulesOfIpv6('-A OUTPUT -p tcp -m tcp --dport 36524 -j DROP') },
      control: answer({ intercept: '[2001:2::30]:36524', reason: 'no answer to the connection request' }),
    },
  ],
  [
    'online-address-not-local',
    '2001:2::20, which is no address',
    'ip -6 addr add 2001:2::20/128 dev lo',
    {
      transfers: [{ ...transfer, onlineAddress: '2001:2::20', testAddress: '2001:2::30' }],
      absentAddresses: ['2001:2::20'],
    },
  ],
  [
    'clients-use-tls',
    '2 of 4 payloads',
    'ends TLS',
    { traffic: { ...silence, captured: 12, payloads: 4, tlsRecords: 2 } },
  ],
  ['packets-cut', '-S 1500', 'leave -S out', { packetMax_bytes: 1500 }],
  ['clients-on-passlist', '198.18.10.20 is on', '-x', { clients: connections('198.18.10.20', '10.0.0.1') }],
  [
    'control-refused',
    'ECONNREFUSED',
    'start intercept',
    { control: answer({ reason: 'connect ECONNREFUSED' }) },
  ],
  [
    'control-silent',
    'no answer',
    'port 36524',
    { control: answer({ reason: 'no answer to the connection request' }) },
  ],
  [
    'control-other-version',
    'version 7',
    'same release',
    { control: answer({ reason: 'refused: intercept speaks version 7 of the control protocol' }) },
  ],
  [
    'control-not-admitted',
    'do not speak to each other',
    'tcpcopy keygen',
    { control: answer({ reason: 'refused: 198.18.10.20 may not speak here: it is not on --peers' }) },
  ],
  [
    'control-not-admitted',
    'without a word',
    '--key-file',
    { control: answer({ reason: 'it closed the connection without a word: if it has a --key-file, …' }) },
  ],
  [
    'intercept-not-armed',
    'lets packets on',
    'intercept doctor',
    { control: answer({ welcomed: true, reason: 'this machine lets packets on' }) },
  ],
  [
    'control-port-blocked',
    'OUTPUT -p tcp -m tcp --dport 36524 -j DROP',
    '--dport 36524 -j ACCEPT',
    {
      machine: { rules: rules('-A OUTPUT -p tcp -m tcp --dport 36524 -j DROP') },
      control: answer({ reason: 'no answer to the connection request' }),
    },
  ],
])('%s is named: %s', (cause, evidence, mend, changes) => {
  expect(wrongIn(changes)).toContainEqual(
    expect.objectContaining({
      cause,
      evidence: expect.stringContaining(evidence),
      mend: expect.stringContaining(mend),
    }),
  );
});

test('a mirror on which clients are heard needs neither the address nor a server here', () => {
  const heard = mirror({ captured: 12, passing: { packets: 30, answers: 0 } });
  expect([wrongIn(heard), unknownIn(heard)]).toEqual([[], []]);
});

test('a device that is down explains that there is no route', () => {
  const down = { machine: { devices: [device({ ...own, up: false })] } };
  const nowhere = new Map([['198.18.10.30', { kind: 'nowhere' as const, reason: 'Network is unreachable' }]]);
  const causes = wrongIn({ ...down, ways: nowhere }).map((one) => one.verdict === 'wrong' && one.cause);
  expect(new Set(causes)).toEqual(new Set(['device-down']));
});

test.each<[string, Changes]>([
  ['firewall', { machine: { rules: {} } }],
  ['firewall', { machine: { nativeTables: ['inet fw4'] } }],
  ['firewall', { machine: { nativeTables: undefined } }],
  ['output', { machine: { rules: rules('-A OUTPUT -m mark --mark 0x1 -j DROP') } }],
  ['online-server', { machine: { listeners: undefined } }],
  ['neighbour', { neighbours: new Map() }],
  ['traffic', { traffic: silence }],
  ['traffic', mirror({ passing: { packets: 9, answers: 0 } })],
  [
    'capture-device',
    { captureDevices: undefined, machine: { devices: [device({ name: 'lo', loopback: true })] } },
  ],
  ['traffic', { traffic: undefined }],
  ['source-addresses', { machine: { cloud: 'Amazon EC2' } }],
  ['source-addresses', { ways: way({ gateway: '198.18.10.1' }) }],
  ['running', { machine: { programs: [] } }],
])('%s is left open, and nothing called wrong', (check, changes) => {
  expect([unknownIn(changes), wrongIn(changes)]).toEqual([[check], []]);
});

test('without -i one device that is up is enough', () => {
  const devices = [device(own), device({ name: 'kube-ipvs0', up: false, addresses: ['10.96.0.1'] })];
  expect(wrongIn({ machine: { devices }, captureDevices: undefined })).toEqual([]);
});

test('a port for TLS is pointed out while nothing was seen', () => {
  const changes: Changes = {
    transfers: [{ ...transfer, onlinePort: 443 }],
    machine: { listeners: [listener(443)] },
    traffic: undefined,
  };
  expect(unknownIn(changes)).toEqual(['traffic', 'encryption']);
});

test('a capture file is asked nothing about clients', () => {
  const checks = diagnosesOf(tcpcopyFacts({ offline: true, traffic: undefined })).map(({ check }) => check);
  expect(checks).not.toEqual(expect.arrayContaining(['traffic']));
  expect(checks).toEqual(expect.arrayContaining(['route', 'control']));
});

test('a copy over IPv6 on which everything is right has nothing wrong and nothing unknown', () => {
  const verdicts = diagnosesOf(tcpcopyFacts(toIpv6)).map(({ verdict }) => verdict);
  expect(new Set(verdicts)).toEqual(new Set(['ok']));
});
