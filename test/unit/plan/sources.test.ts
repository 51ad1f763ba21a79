import { planFor } from '../../../lab/plan/plan';
import { quoted } from '../../../lab/plan/words';
import type { Topology } from '../../../lab/topology/types';
import cloud from '../../../topologies/cloud';
import dualStack from '../../../topologies/dual-stack';
import routed from '../../../topologies/routed';
import subnetClients from '../../../topologies/subnet-clients';
import traditional from '../../../topologies/traditional';

const closed = (topology: Topology): Topology => ({
  ...topology,
  networks: Object.fromEntries(
    Object.entries(topology.networks).map(([name, network]) => [name, { ...network, ownSourcesOnly: true }]),
  ),
});

const typed = (topology: Topology): string[] =>
  planFor(topology, { bare: true })
    .steps.filter(({ id }) => id.startsWith('sources:'))
    .map(({ action }) => (action.kind === 'command' ? `${action.node}: ${quoted(action.argv)}` : ''));

test('a network that lets no foreign source pass has each node hold all others to their addresses', () => {
  expect(typed(cloud)).toEqual([
    'client: lab-sources 198.18.72.10 198.18.72.20,2001:2:0:72::20 198.18.72.30,2001:2:0:72::30',
    'online: lab-sources 198.18.72.20 198.18.72.10,2001:2:0:72::10,2001:2:0:72::8000/113 198.18.72.30,2001:2:0:72::30',
    'test: lab-sources 198.18.72.30 198.18.72.10,2001:2:0:72::10,2001:2:0:72::8000/113 198.18.72.20,2001:2:0:72::20',
  ]);
  expect(typed(traditional)).toEqual([]);
  expect(typed(closed(traditional))).toContain('test: lab-sources 198.18.10.30 198.18.10.10 198.18.10.20');
});

test('further addresses of a client are its own, and a router may let on what is others’', () => {
  expect(typed(closed(subnetClients))).toContain(
    'test: lab-sources 198.18.64.30 198.18.64.10,198.18.80.0/20 198.18.64.20 198.18.64.40',
  );
  const router = Object.values(routed.nodes).find(({ role }) => role === 'router')!.address;
  for (const line of typed(closed(routed)))
    if (!line.startsWith('router')) expect(line).not.toContain(router);
});

test('addresses of both families are a node’s own', () => {
  expect(typed(closed(dualStack))).toContain(
    'test: lab-sources 198.18.28.30 198.18.28.10,2001:2:0:28::10 198.18.28.20,2001:2:0:28::20',
  );
});

test('it is there before the copy, and is asked for and taken away as it was set', () => {
  const step = planFor(cloud).steps.find(({ id }) => id === 'sources:vpc:test')!;
  expect(step.needs).toEqual(['node:client', 'node:online', 'node:test']);
  expect(step.checks[0]!.expect.stdout).toBe(
    '^198\\.18\\.72\\.10,2001:2:0:72::10,2001:2:0:72::8000/113 198\\.18\\.72\\.20,2001:2:0:72::20$',
  );
  expect(step.undo[0]).toMatchObject({ argv: ['lab-sources', '198.18.72.30', '--restore'] });
});
