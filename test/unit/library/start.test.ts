import { startLab, TopologyError } from '../../../lab/library';
import type { Topology } from '../../../lab/topology/types';
import traditional from '../../../topologies/traditional';

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a text', 'traditional'],
  ['one without nodes', { name: 'bare', networks: {} }],
  ['one with a node that is none', { ...traditional, nodes: { client: undefined } }],
])('%s is refused as a topology, before an engine is asked', async (_, topology) => {
  await expect(startLab(topology as Topology)).rejects.toBeInstanceOf(TopologyError);
});

test('a folder that is named and not there is told with the place that it was looked for', async () => {
  const server = { build: './shop', port: 80, ready: { tcp: 80 } } as const;
  const nodes = { ...traditional.nodes, test: { ...traditional.nodes['test']!, server } };
  const start = startLab({ ...traditional, nodes }, { folder: '/nowhere' });
  await expect(start).rejects.toMatchObject({
    code: 'TOPOLOGY_INVALID',
    faults: [{ place: 'nodes.test.server.build', message: 'there is no folder /nowhere/shop' }],
  });
});

test('a start that is aborted before it begins does not begin', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(startLab(traditional, { signal })).rejects.toThrow('enough');
});
