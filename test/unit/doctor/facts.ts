/** Facts of machines on which everything is right, to be broken one at a time. */
import type { Device, InterceptFacts, Listener, MachineFacts, TcpcopyFacts } from '../../../src/doctor/facts';
import { rulesIn, type RuleSet } from '../../../src/firewall/iptables-save';

const eth0: Device = {
  name: 'eth0',
  up: true,
  carrier: true,
  loopback: false,
  mtu_bytes: 1500,
  addresses: ['198.18.10.30'],
  reversePathFilter: 0,
};
const lo: Device = { ...eth0, name: 'lo', loopback: true, mtu_bytes: 65_536, addresses: ['127.0.0.1'] };

export const device = (fields: Partial<Device>): Device => ({ ...eth0, ...fields });

export const listener = (port: number, fields: Partial<Listener> = {}): Listener => ({
  address: '0.0.0.0',
  port,
  process: 'nginx',
  pid: 40,
  ...fields,
});

export const GUARD = '-A OUTPUT -p tcp -m tcp --sport 8080 -j NFQUEUE --queue-num 0';
const POLICIES = [':INPUT ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]'];

export const ruleSet = (...lines: readonly string[]): RuleSet => rulesIn([...POLICIES, ...lines].join('\n'));

/** Of IPv4, and none of IPv6. */
export const rules = (...lines: readonly string[]): MachineFacts['rules'] => ({
  4: ruleSet(...lines),
  6: ruleSet(),
});
export const rulesOfIpv6 = (...lines: readonly string[]): MachineFacts['rules'] => ({
  4: ruleSet(),
  6: ruleSet(...lines),
});

const machine: MachineFacts = {
  devices: [lo, eth0],
  capabilities: { netAdmin: true, netRaw: true },
  rules: rules(),
  nativeTables: [],
  listeners: [listener(80)],
  conntrack: { count: 10, max: 1000 },
  queues: [],
  programs: [{ pid: 50, name: 'tcpcopy' }],
  cloud: undefined,
};

const online: MachineFacts = { ...machine, devices: [lo, device({ addresses: ['198.18.10.20'] })] };

export const tcpcopyFacts = ({
  machine: changed = {},
  ...fields
}: Partial<Omit<TcpcopyFacts, 'machine'>> & { machine?: Partial<MachineFacts> } = {}): TcpcopyFacts => ({
  machine: { ...online, ...changed },
  transfers: [{ onlineAddress: '198.18.10.20', onlinePort: 80, testAddress: '198.18.10.30', testPort: 8080 }],
  offline: false,
  mirrored: false,
  absentAddresses: [],
  captureDevices: ['eth0'],
  packetMax_bytes: 65_535,
  mtu_bytes: 1500,
  sourceAddresses: [],
  own: undefined,
  copies: 1,
  portsPerAddress: 64_512,
  clients: [{ localPort: 80, peer: '198.18.10.10' }],
  ways: new Map([
    ['198.18.10.30', { kind: 'goes', device: 'eth0', gateway: undefined, mtu_bytes: undefined }],
  ]),
  neighbours: new Map([['198.18.10.30', 'REACHABLE']]),
  control: [
    {
      intercept: '198.18.10.30:36524',
      armed: true,
      welcomed: true,
      reason: '',
      passlist: ['198.18.10.20'],
      ownCopies: [],
    },
  ],
  traffic: {
    watched_ms: 1000,
    captured: 12,
    elsewhere: new Map(),
    passing: undefined,
    payloads: 4,
    tlsRecords: 0,
  },
  ...fields,
});

const test: MachineFacts = {
  ...machine,
  rules: rules(GUARD),
  listeners: [listener(8080), listener(36_524, { address: '198.18.10.30', process: 'intercept', pid: 60 })],
  queues: [{ number: 0, portId: 60 }],
  programs: [{ pid: 60, name: 'intercept' }],
};

export const interceptFacts = ({
  machine: changed = {},
  ...fields
}: Partial<Omit<InterceptFacts, 'machine'>> & { machine?: Partial<MachineFacts> } = {}): InterceptFacts => ({
  machine: { ...test, ...changed },
  workers: 1,
  caught: { by: 'queue', queue: 0 },
  passlist: ['198.18.10.20', '198.18.10.30', '127.0.0.1'],
  bindAddress: '198.18.10.30',
  controlPort: 36_524,
  copied: [{ port: 8080, family: 4 }],
  portsNamed: true,
  clients: [
    {
      client: '198.18.10.10',
      stranger: false,
      back: { kind: 'goes', device: 'eth0', gateway: undefined, mtu_bytes: undefined },
      comesIn: 'yes',
      device: 'eth0',
    },
  ],
  canaries: [],
  guardedPorts: [],
  reversePathDropped: 0,
  ...fields,
});

type Captured = Extract<InterceptFacts['caught'], { by: 'capture' }>;

/** An intercept on an assistant. */
export const assistantFacts = (
  caught: Partial<Captured> = {},
  fields: Parameters<typeof interceptFacts>[0] = {},
): InterceptFacts =>
  interceptFacts({
    clients: [],
    bindAddress: undefined,
    caught: {
      by: 'capture',
      devices: ['eth0'],
      filter: 'tcp and src port 8080',
      filterFault: undefined,
      matched: [{ port: 8080, family: 4 }],
      forwarding: { 4: [], 6: [] },
      packets: 7,
      watched_ms: 1000,
      ...caught,
    },
    ...fields,
    machine: {
      rules: rules(),
      queues: [],
      listeners: [listener(36_524, { process: 'intercept', pid: 60 })],
      ...fields.machine,
    },
  });

/** A test server that is copied to over IPv6 alone. */
export const ipv6Facts = ({
  machine: changed = {},
  ...fields
}: Parameters<typeof interceptFacts>[0] = {}): InterceptFacts =>
  interceptFacts({
    passlist: ['2001:2::20', '2001:2::30', '::1'],
    bindAddress: '2001:2::30',
    copied: [{ port: 8080, family: 6 }],
    clients: [
      {
        client: '2001:2::10',
        stranger: false,
        back: { kind: 'goes', device: 'eth0', gateway: undefined, mtu_bytes: undefined },
        comesIn: 'yes',
        device: 'eth0',
      },
    ],
    canaries: [
      {
        address: '100::1',
        way: { kind: 'goes', device: 'lo', gateway: undefined, mtu_bytes: undefined },
      },
    ],
    ...fields,
    machine: {
      devices: [lo, device({ addresses: ['2001:2::30'] })],
      rules: rulesOfIpv6(GUARD),
      listeners: [
        listener(8080, { address: '::' }),
        listener(36_524, { address: '2001:2::30', process: 'intercept', pid: 60 }),
      ],
      ...changed,
    },
  });
