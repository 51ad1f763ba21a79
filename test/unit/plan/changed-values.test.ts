import { changedValueLine, changedValues } from '../../../lab/plan/change/changed-values';
import traditional from '../../../topologies/traditional';

const linesBetween = (from: unknown, to: unknown): string[] => changedValues(from, to).map(changedValueLine);

test('a value that differs is named by its keys, with what it was and what it is', () => {
  const test = { ...traditional.nodes['test']!, address: '198.18.10.31' };
  const changed = { ...traditional, nodes: { ...traditional.nodes, test } };
  expect(linesBetween(traditional, changed)).toEqual(['  nodes.test.address: 198.18.10.30 -> 198.18.10.31']);
});

test('a value that comes or goes is named; what is a node of its own is left to the steps', () => {
  const node = (role: string, more: object = {}): object => ({ role, ...more });
  expect(
    linesBetween({ nodes: { a: node('client') } }, { nodes: { a: node('client', { index: 2 }) } }),
  ).toEqual(['  nodes.a.index: (none) -> 2']);
  expect(linesBetween({ a: { text: 'two words' } }, { a: {} })).toEqual(['  a.text: "two words" -> (none)']);
  expect(linesBetween({ nodes: {} }, { nodes: { a: node('client') } })).toEqual([]);
});

test('lists are compared as a whole', () => {
  expect(linesBetween({ args: ['-r', '10'] }, { args: ['-r', '20'] })).toEqual([
    '  args: ["-r","10"] -> ["-r","20"]',
  ]);
});

test('a topology has no value that differs from its own', () => {
  expect(changedValues(traditional, structuredClone(traditional))).toEqual([]);
});
