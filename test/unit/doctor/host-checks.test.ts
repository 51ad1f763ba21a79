import { hostChecks } from '../../../lab/doctor/host-checks';
import type { HostFacts } from '../../../lab/doctor/host-facts';
import { parseSubnet } from '../../../lab/topology/addresses';
import { diagnose } from '../../../src/doctor/diagnosis';
import { rulesIn } from '../../../src/firewall/iptables-save';
import { WAY_ACROSS } from '../../../src/firewall/walk';
import dataLink from '../../../topologies/data-link';
import subnetClients from '../../../topologies/subnet-clients';
import traditional from '../../../topologies/traditional';

const engine: NonNullable<HostFacts['engine']> = {
  version: '27.0.1',
  apiVersion: '1.46',
  free_bytes: 20 * 2 ** 30,
  missingImages: [],
  occupied: [],
  labs: [],
};
const healthy: HostFacts = {
  engine,
  engineFault: undefined,
  missingPackages: [],
  kernel: { queueRule: { kind: 'works' }, iptables: 'iptables v1.8.9 (nf_tables)', packetSockets: true },
  bridgesAskIptables: true,
  firewall: { rules: {}, across: WAY_ACROSS },
  hasMmdebstrap: true,
  topologies: [traditional, dataLink, subnetClients],
};
const find = (changes: Partial<HostFacts>) => diagnose(hostChecks, { ...healthy, ...changes });
const wrongIn = (changes: Partial<HostFacts>) => find(changes).filter(({ verdict }) => verdict === 'wrong');
const occupied = (cidr: string, lab?: string) => ({
  engine: {
    ...engine,
    occupied: [
      { subnet: parseSubnet(cidr)!, by: 'Docker network mine', ...(lab === undefined ? {} : { lab }) },
    ],
  },
});

test('a machine that has everything lacks nothing', () => {
  expect(new Set(find({}).map(({ verdict }) => verdict))).toEqual(new Set(['ok']));
});

test.each<[string, string, Partial<HostFacts>]>([
  ['engine-unreachable', 'no such socket', { engine: undefined, engineFault: 'no such socket' }],
  ['engine-too-old', 'API 1.40', { engine: { ...engine, apiVersion: '1.40' } }],
  ['packages-missing', 'nfqueue', { missingPackages: ['nfqueue'] }],
  ['disk-full', '0.1 GiB free', { engine: { ...engine, free_bytes: 2 ** 27 } }],
  ['disk-full', '1.0 GiB free', { engine: { ...engine, free_bytes: 2 ** 30, missingImages: ['node'] } }],
  [
    'nfqueue-missing',
    'for traditional: No chain/target/match by that name',
    {
      kernel: {
        ...healthy.kernel,
        queueRule: { kind: 'fails', reason: 'No chain/target/match by that name' },
      },
    },
  ],
  [
    'bridge-drops-packets',
    'traditional: what copies say to test behind their SYN',
    {
      firewall: {
        rules: rulesIn('-A DOCKER-USER -m conntrack --ctstate INVALID -j DROP'),
        across: WAY_ACROSS,
      },
    },
  ],
  ['packet-sockets-missing', '/proc/net/packet', { kernel: { ...healthy.kernel, packetSockets: false } }],
  ['subnet-taken', 'traditional: 198.18.10.0/24', occupied('198.18.0.0/20')],
  [
    'bridge-drops-sources',
    'subnet-clients: 198.19.0.0/20',
    {
      topologies: [
        {
          ...subnetClients,
          nodes: {
            ...subnetClients.nodes,
            client: { ...subnetClients.nodes['client']!, sources: '198.19.0.0/20' },
          },
        },
      ],
    },
  ],
])('%s is named: %s', (cause, evidence, changes) => {
  expect(wrongIn(changes)).toContainEqual(
    expect.objectContaining({ cause, evidence: expect.stringContaining(evidence) }),
  );
});

test.each<[string, Partial<HostFacts>]>([
  ['a subnet of a lab of ours moves', occupied('198.18.10.0/24', 'mine')],
  ['images are built when they are needed', { engine: { ...engine, missingImages: ['base', 'node'] } }],
  ['bridges that ask no firewall drop nothing', { bridgesAskIptables: undefined }],
  [
    'the data-link architecture needs no queue',
    {
      topologies: [dataLink],
      kernel: { ...healthy.kernel, queueRule: { kind: 'fails', reason: 'no' } },
    },
  ],
])('%s', (_, changes) => {
  expect(wrongIn(changes)).toEqual([]);
});

test('what could not be asked is left open', () => {
  const open = find({
    firewall: undefined,
    kernel: { ...healthy.kernel, queueRule: { kind: 'not-asked', reason: 'only root may' } },
    engine: { ...engine, missingImages: ['base'] },
    hasMmdebstrap: false,
  }).filter(({ verdict }) => verdict === 'unknown');
  expect(open.map(({ check }) => check)).toEqual(['images', 'nfqueue', 'bridge-paths']);
});
