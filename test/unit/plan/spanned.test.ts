import { placedOn } from '../../../lab/plan/placement';
import { planFor } from '../../../lab/plan/plan';
import { rangeFor } from '../../../lab/plan/networks/spanned';
import type { Topology } from '../../../lab/topology/types';
import dualStack from '../../../topologies/dual-stack';
import manyOnline from '../../../topologies/many-online';
import routed from '../../../topologies/routed';
import traditional from '../../../topologies/traditional';

const across = (topology: Topology): Topology => placedOn(topology, ['a', 'b']);
const introductions = (topology: Topology) =>
  planFor(topology).steps.flatMap(({ action }) =>
    action.kind === 'introduce' ? [[action.node, action.network, ...action.others]] : [],
  );

test('an overlay has a range of its own, where no node is', () => {
  expect(rangeFor(across(routed), 'rehearsal')).toBe('198.18.51.224/28');
  expect(rangeFor(across(traditional), 'lan')).toBe('198.18.10.224/28');
});

test('the range keeps clear of nodes, of what clients speak from, and of the gateway', () => {
  const { networks, nodes } = traditional;
  const client = nodes['client']!;
  const at = (address: string, sources?: string): Topology => ({
    ...traditional,
    networks,
    nodes: { ...nodes, client: { ...client, address, ...(sources !== undefined && { sources }) } },
  });
  expect(rangeFor(at('198.18.10.230'), 'lan')).toBe('198.18.10.208/28');
  expect(rangeFor(at('198.18.10.10', '198.18.10.128/25'), 'lan')).toBe('198.18.10.112/28');
  const small = { ...traditional, networks: { lan: { ...networks['lan']!, subnet: '198.18.10.0/28' } } };
  expect(rangeFor(small, 'lan')).toBeUndefined();
});

test('over IPv6 each node on an overlay is told of the others', () => {
  expect(introductions(across(dualStack))).toEqual([
    ['client', 'lan', 'online', 'test'],
    ['online', 'lan', 'client', 'test'],
    ['test', 'lan', 'client', 'online'],
  ]);
});

test('on one engine, and over IPv4, nobody has to be', () => {
  for (const topology of [dualStack, across(manyOnline), across(routed)])
    expect(introductions(topology)).toEqual([]);
});
