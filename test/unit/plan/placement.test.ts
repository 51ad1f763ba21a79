import { expect, test } from '@jest/globals';
import { enginesOn, enginesUsed, placedOn } from '../../../lab/plan/placement';
import dataLink from '../../../topologies/data-link';
import routed from '../../../topologies/routed';
import traditional from '../../../topologies/traditional';

const where = (topology: typeof traditional) =>
  Object.fromEntries(Object.entries(topology.nodes).map(([name, { on }]) => [name, on]));

test('with one engine a topology stays as it is', () => {
  expect(placedOn(traditional, ['here'])).toBe(traditional);
  expect(enginesOn(traditional, 'lan')).toEqual([]);
});

test('who is copied to runs apart from those who ask and answer clients', () => {
  const placed = placedOn(dataLink, ['a', 'b']);
  expect(where(placed)).toEqual({ client: 'a', online: 'a', test: 'b', assistant: 'b' });
  expect(enginesUsed(placed).toSorted()).toEqual(['a', 'b']);
  expect(enginesOn(placed, 'lan').toSorted()).toEqual(['a', 'b']);
});

test('a node runs where its topology says', () => {
  const nodes = { ...traditional.nodes, client: { ...traditional.nodes['client']!, on: 'c' } };
  expect(where(placedOn({ ...traditional, nodes }, ['a', 'b', 'c']))).toEqual({
    client: 'c',
    online: 'a',
    test: 'b',
  });
});

test('a network whose nodes are on one engine is on that one', () => {
  const placed = placedOn(routed, ['a', 'b']);
  const spans = Object.keys(placed.networks).map((name) => [name, enginesOn(placed, name).length]);
  expect(spans.some(([, count]) => count === 1)).toBe(true);
  expect(spans.some(([, count]) => count === 2)).toBe(true);
});
