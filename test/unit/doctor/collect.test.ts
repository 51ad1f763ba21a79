import { copiedPortsFrom } from '../../../src/doctor/collect/copied-ports';
import { devicesIn, neighbourIn, wayIn } from '../../../src/doctor/collect/ip-json';
import { reversePathDropped } from '../../../src/doctor/collect/machine';
import { incompatibleTablesIn, nativeTablesIn } from '../../../src/doctor/collect/native-tables';
import { connectionsIn, listenersIn } from '../../../src/doctor/collect/sockets';

test('devices are read with their addresses, but for those of one link', () => {
  const text = JSON.stringify([
    {
      ifname: 'lo',
      flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
      mtu: 65536,
      addr_info: [{ family: 'inet', local: '127.0.0.1' }],
    },
    {
      ifname: 'eth0',
      flags: ['BROADCAST', 'UP'],
      mtu: 1450,
      addr_info: [
        { family: 'inet', local: '198.18.10.30' },
        { family: 'inet6', scope: 'global', local: '2001:2::30' },
        { family: 'inet6', scope: 'link', local: 'fe80::1' },
      ],
    },
  ]);
  expect(devicesIn(text, (name) => (name === 'eth0' ? 1 : 0))).toEqual([
    expect.objectContaining({ name: 'lo', loopback: true, up: true, carrier: true }),
    {
      name: 'eth0',
      loopback: false,
      up: true,
      carrier: false,
      mtu_bytes: 1450,
      addresses: ['198.18.10.30', '2001:2::30'],
      reversePathFilter: 1,
    },
  ]);
});

test.each([
  [
    '[{"dst":"10.0.0.1","gateway":"172.17.0.1","dev":"eth0","flags":[],"metrics":[{"mtu":1300}]}]',
    { kind: 'goes', device: 'eth0', gateway: '172.17.0.1', mtu_bytes: 1300 },
  ],
  [
    '[{"dst":"172.17.0.1","dev":"eth0","prefsrc":"172.17.0.2","flags":[],"uid":0,"cache":[]}]',
    { kind: 'goes', device: 'eth0', gateway: undefined, mtu_bytes: undefined },
  ],
  ['[{"type":"local","dst":"172.17.0.2","from":"8.8.8.8","dev":"lo","iif":"eth0"}]', { kind: 'local' }],
  ['[{"type":"unreachable","dst":"10.0.0.1"}]', { kind: 'nowhere', reason: 'the route is unreachable' }],
  [
    '[{"type":"unreachable","dst":"100::1","from":"::","dev":"lo","table":"main","flags":[]}]',
    { kind: 'nowhere', reason: 'the route is unreachable' },
  ],
  [
    '[{"dst":"100::1","from":"::","gateway":"fd00::1","dev":"eth0","prefsrc":"fd00::2","metric":1024,"flags":[]}]',
    { kind: 'goes', device: 'eth0', gateway: 'fd00::1', mtu_bytes: undefined },
  ],
])('a way is read from %s', (text, way) => {
  expect(wayIn(text)).toEqual(way);
});

test('the state of a neighbour is that of its own line', () => {
  const text =
    '[{"dst":"10.0.0.1","state":["FAILED"]},{"dst":"10.0.0.2","lladdr":"02:42:ac:11:00:02","state":["STALE"]}]';
  expect([neighbourIn(text, '10.0.0.2'), neighbourIn(text, '10.0.0.3')]).toEqual(['STALE', undefined]);
});

test('listeners are read with their processes; one for both families is listed by each', () => {
  const text = [
    'LISTEN 0      4096      0.0.0.0:8080 0.0.0.0:* users:(("nginx",pid=36,fd=5),("nginx",pid=35,fd=5))',
    'LISTEN 0      511             *:80         *:*',
    'LISTEN 0      128    127.0.0.53%lo:53 0.0.0.0:*',
    'LISTEN 0      128    [::ffff:198.18.10.30]:36524 *:*',
    'LISTEN 0      128         [::1]:22      [::]:*',
    'LISTEN 0      128          [::]:81      [::]:*',
    'LISTEN 0      128            :::82        :::*',
    '',
  ].join('\n');
  expect(listenersIn(text)).toEqual([
    { address: '0.0.0.0', port: 8080, process: 'nginx', pid: 36 },
    { address: '0.0.0.0', port: 80, process: undefined, pid: undefined },
    { address: '::', port: 80, process: undefined, pid: undefined },
    { address: '127.0.0.53', port: 53, process: undefined, pid: undefined },
    { address: '198.18.10.30', port: 36524, process: undefined, pid: undefined },
    { address: '::1', port: 22, process: undefined, pid: undefined },
    { address: '::', port: 81, process: undefined, pid: undefined },
    { address: '0.0.0.0', port: 82, process: undefined, pid: undefined },
    { address: '::', port: 82, process: undefined, pid: undefined },
  ]);
});

test('connections are read with the address of their client, of either family', () => {
  const text = [
    '0      0         198.18.10.20:80    198.18.10.10:53184',
    '0      0      [::ffff:198.18.10.20]:80  [::ffff:198.18.10.11]:40000',
    '0      0      [2001:db8::1]:80  [2001:db8::2]:40000',
  ].join('\n');
  expect(connectionsIn(text)).toEqual([
    { localPort: 80, peer: '198.18.10.10' },
    { localPort: 80, peer: '198.18.10.11' },
    { localPort: 80, peer: '2001:db8::2' },
  ]);
});

test('tables of nft count where they see packets and iptables did not make them', () => {
  const chain = (family: string, table: string, hook?: string) => ({
    chain: { family, table, name: 'c', ...(hook === undefined ? {} : { hook }) },
  });
  const text = JSON.stringify({
    nftables: [
      { metainfo: {} },
      chain('ip', 'filter', 'output'),
      chain('inet', 'filter', 'input'),
      chain('ip', 'guard', 'output'),
      chain('ip', 'guard', 'input'),
      chain('ip6', 'guard', 'output'),
      chain('ip6', 'mangle', 'output'),
      chain('inet', 'helpers'),
      chain('netdev', 'shaper', 'ingress'),
    ],
  });
  expect(nativeTablesIn(text)).toEqual(['inet filter', 'ip guard', 'ip6 guard']);
  const saved = "# Table `mangle' is incompatible, use 'nft' tool.\n";
  expect([incompatibleTablesIn(saved, 4), incompatibleTablesIn(saved, 6)]).toEqual([
    ['ip mangle'],
    ['ip6 mangle'],
  ]);
});

test('what the reverse path filter dropped is found by its name', () => {
  const netstat =
    'TcpExt: SyncookiesSent IPReversePathFilter TCPTimeouts\nTcpExt: 1 42 3\nIpExt: InNoRoutes\nIpExt: 7\n';
  expect([reversePathDropped(netstat), reversePathDropped('')]).toEqual([42, undefined]);
});

describe('a copied port', () => {
  const named = (address?: string) => [{ address, port: 8080 }];
  const signs = { told: [], isCaught: () => false, guarded: [], otherwise: 4 } as const;

  test.each([
    ['of an address is of its family', named('2001:2::30'), signs, [6]],
    ['is of the family of the clients that are named', named(), { ...signs, told: [6] as const }, [6]],
    [
      'is of each family whose responses are caught',
      named(),
      { ...signs, isCaught: (port: number) => port === 8080 },
      [4, 6],
    ],
    ['is of the one that is likely where nothing tells', named(), { ...signs, otherwise: 6 as const }, [6]],
    ['that is named twice counts once', [...named('198.18.10.30'), ...named()], signs, [4]],
  ])('%s', (_, ports, given, families) => {
    expect(copiedPortsFrom(ports, given)).toEqual(families.map((family) => ({ port: 8080, family })));
  });

  test('of a port that intercept puts rules of both families there for, say nothing by their rules', () => {
    const guarded = { ...signs, isCaught: () => true, guarded: [8080] };
    expect(copiedPortsFrom([{ address: undefined, port: 8080 }], { ...guarded, told: [4] })).toEqual([
      { port: 8080, family: 4 },
    ]);
    expect(copiedPortsFrom([{ address: undefined, port: 9090 }], guarded)).toHaveLength(2);
  });
});
