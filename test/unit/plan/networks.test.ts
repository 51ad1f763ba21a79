import { planFor } from '../../../lab/plan/plan';
import { quoted } from '../../../lab/plan/words';
import { teardownOf } from '../../../lab/plan/teardown';
import type { Topology } from '../../../lab/topology/types';
import routed from '../../../topologies/routed';
import routedDataLink from '../../../topologies/routed-data-link';

const typedOn = (topology: Topology, node: string): string[] =>
  planFor(topology).steps.flatMap(({ action }) =>
    action.kind === 'command' && action.node === node ? [quoted(action.argv)] : [],
  );

test('a node on several networks is put on one after the other', () => {
  const { steps } = planFor(routed);
  const joins = steps.filter(({ action }) => action.kind === 'join');
  expect(joins.map(({ id }) => id)).toEqual([
    'join:router:office',
    'join:router:front',
    'join:router:rehearsal',
  ]);
  expect(joins.map(({ needs }) => needs[0])).toEqual([
    'node:router',
    'join:router:office',
    'join:router:front',
  ]);
});

test('nodes have routes to the networks of others by their router, and clients their addresses behind them', () => {
  expect(typedOn(routed, 'online').slice(0, 3)).toEqual([
    'ip route add 198.18.48.0/24 via 198.18.50.2',
    'ip route add 198.18.49.0/24 via 198.18.50.2',
    'ip route add 198.18.51.0/24 via 198.18.50.2',
  ]);
  expect(typedOn(routed, 'router')).toEqual(['ip route add 198.18.49.128/25 via 198.18.49.10']);
});

test('the firewall is told of the networks that a router is on, and of no others', () => {
  const forwarding = (topology: Topology): unknown[] =>
    planFor(topology).steps.flatMap(({ action }) => (action.kind === 'forwarding' ? [action.networks] : []));
  expect(forwarding(routed)).toEqual([['home', 'office', 'front', 'rehearsal']]);
  const apart = {
    ...routed,
    networks: { ...routed.networks, apart: { subnet: '198.18.9.0/24', internal: true } },
  };
  expect(forwarding(apart)).toEqual(forwarding(routed));
});

describe('behind a router, the guard of a data-link copy', () => {
  test('is a policy on it, which knows no way to clients but the assistant', () => {
    expect(typedOn(routedDataLink, 'router').slice(-3)).toEqual([
      'ip route add blackhole 198.18.52.128/25 metric 4096 table 100',
      'ip route add 198.18.52.128/25 via 198.18.55.40 table 100',
      'ip rule add from 198.18.54.30 to 198.18.52.128/25 lookup 100',
    ]);
  });

  test('leads from the test server to the router, which has no other route to the clients there', () => {
    const lines = typedOn(routedDataLink, 'test').filter((line) => line.startsWith('ip route'));
    expect(lines).toEqual([
      'ip route add 198.18.53.0/24 via 198.18.54.2',
      'ip route add 198.18.55.0/24 via 198.18.54.2',
      'ip route add blackhole 198.18.52.128/25 metric 4096',
      'ip route add 198.18.52.128/25 via 198.18.54.2',
    ]);
  });

  test("reaches an online server on the clients' network by a route for it alone", () => {
    const nodes = { ...routedDataLink.nodes };
    nodes['online'] = { ...nodes['online']!, network: 'home', address: '198.18.52.20' };
    expect(typedOn({ ...routedDataLink, nodes }, 'test')).toContain(
      'ip route add 198.18.52.20/32 via 198.18.54.2',
    );
  });

  test('is taken from the router when the test server has its black hole only', () => {
    const lines = teardownOf(planFor(routedDataLink)).flatMap((undo) =>
      undo.kind === 'command' ? [`${undo.node}: ${quoted(undo.argv)}`] : [],
    );
    const order = [
      'assistant: pkill',
      'test: ip route del 198.18.52.128/25 via',
      'router: ip rule del',
      'router: ip route del 198.18.52.128/25 via 198.18.55.40 table 100',
      'test: ip route del blackhole',
    ].map((beginning) => lines.findIndex((line) => line.startsWith(beginning)));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});
