import { scenarioFor } from '../../../lab/library/scenario-for';
import type { TopologyServer } from '../../../lab/topology/types';
import dataLink from '../../../topologies/data-link';
import traditional from '../../../topologies/traditional';

const serving = (server: TopologyServer) => ({
  ...traditional,
  nodes: { ...traditional.nodes, test: { ...traditional.nodes['test']!, server } },
});
const own = { kind: 'service', name: 'server', port: 80, ready: { tcp: 80 } } as const;
const container = { from: { kind: 'image', image: 'mine' }, env: {}, files: {}, limits: {} } as const;

test('a scenario is found by its name', async () => {
  await expect(scenarioFor(traditional, 'rule-removed')).resolves.toMatchObject({ name: 'rule-removed' });
  const unknown = { code: 'SCENARIO_UNKNOWN', mend: expect.stringContaining('rule-removed') as string };
  await expect(scenarioFor(traditional, 'rule-eaten')).rejects.toMatchObject(unknown);
});

test.each([
  [
    'another architecture',
    dataLink,
    'rule-removed',
    'it is for the architecture traditional, and this has data-link',
  ],
  ['another server', serving({ kind: 'redis', port: 6379 }), 'test-slow', 'it stops and starts nginx'],
  [
    'requests that nobody can tell apart',
    serving({ ...own, container }),
    'rule-removed',
    'cannot be told apart',
  ],
])('it is not played with %s', async (_, topology, name, why) => {
  await expect(scenarioFor(topology, name)).rejects.toMatchObject({
    code: 'SCENARIO_UNFIT',
    message: expect.stringContaining(why) as string,
  });
});

test('it is played with a service of the user, where its protocol is said', async () => {
  const topology = serving({ ...own, protocol: 'http', container });
  await expect(scenarioFor(topology, 'rule-removed')).resolves.toBeDefined();
});
