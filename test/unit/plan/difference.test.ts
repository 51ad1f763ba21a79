import { differenceLines, differenceOf, isEmpty, type Planned } from '../../../lab/plan/change/difference';
import { planFor } from '../../../lab/plan/plan';
import type { Topology, TopologyNode } from '../../../lab/topology/types';
import traditional from '../../../topologies/traditional';

const planned = (topology: Topology): Planned => ({ topology, plan: planFor(topology) });
const between = (from: Topology, to: Topology) => differenceOf(planned(from), planned(to));
const withNode = (name: string, node: TopologyNode): Topology => ({
  ...traditional,
  nodes: { ...traditional.nodes, [name]: node },
});
const another: TopologyNode = { role: 'client', network: 'lan', address: '198.18.10.11' };
const idsOf = (steps: readonly { readonly id: string }[]): string[] => steps.map(({ id }) => id);

test('a topology differs in nothing from itself', () => {
  const same = between(traditional, structuredClone(traditional));
  expect(isEmpty(same)).toBe(true);
  expect(differenceLines(same)).toEqual([]);
});

test('a node more, or less, is all that changes', () => {
  const more = withNode('another', another);
  expect(differenceLines(between(traditional, more))).toEqual(['+ node another (client, 198.18.10.11)']);
  expect(differenceLines(between(more, traditional))).toEqual(['- node another (client, 198.18.10.11)']);
});

test('what needs a node that changes is done again with it: undone from the end, done from the beginning', () => {
  const test = { ...traditional.nodes['test']!, address: '198.18.10.31' };
  const difference = between(traditional, withNode('test', test));
  const { undone, done } = difference;
  const again = ['node:test', 'server:test', 'guard:test', 'intercept:test', 'tcpcopy:online'];
  expect(idsOf(done)).toEqual(again);
  expect(idsOf(undone)).toEqual(again.toReversed());
  expect(differenceLines(difference)[0]).toBe('~ node test (test, 198.18.10.31)');
});

test('what no step carries out is told as well', () => {
  const outside = { 'payments.example': 'allowed' } as const;
  const allowed = between(traditional, { ...traditional, outside });
  expect([isEmpty(allowed), differenceLines(allowed)]).toEqual([false, ['~ outside']]);
});

test('a link comes, changes and goes without anything else', () => {
  const linked = (loss: number): Topology => ({ ...traditional, links: { lan: { loss } } });
  const lines = differenceLines(between(linked(1), linked(2)));
  expect(lines).toHaveLength(3);
  expect(lines).toContain('~ link lan at online: 2 % loss (seed 1)');
  expect(differenceLines(between(linked(1), traditional))).toContain(
    '- link lan at online: 1 % loss (seed 1)',
  );
});

test("a change of a user's container is seen, though its step says the same", () => {
  const serving = (value: string): Topology =>
    withNode('online', {
      ...traditional.nodes['online']!,
      server: {
        kind: 'service',
        name: 'server',
        port: 80,
        ready: { tcp: 80 },
        container: { from: { kind: 'image', image: 'web' }, env: { KEY: value }, files: {}, limits: {} },
      },
    });
  expect(idsOf(between(serving('a'), serving('b')).done)).toEqual(['server:online', 'tcpcopy:online']);
});
