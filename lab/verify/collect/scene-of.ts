/** The scene of a running lab's copy. */
import { parseSubnet } from '../../topology/addresses';
import type { RunningLab } from '../../engine/nodes/lab';
import { speechOf } from '../../topology/speech';
import type { TopologyRoute, TopologyServer } from '../../topology/types';
import { formatAddress } from '../../../src/wire/flow';
import { VerifyError } from './errors';
import type { Scene, SceneAssistant, SceneServer } from '../evidence/scene';

/** @param from the online server whose copy is meant, by default the first */
export async function sceneOf(lab: RunningLab, from?: string): Promise<Scene> {
  const { topology } = lab;
  const copy = topology.copies.find((candidate) => from === undefined || candidate.from === from);
  if (!copy) {
    throw new VerifyError(
      'NOTHING_COPIED',
      `Topology ${topology.name} copies nothing, so there is nothing to verify.`,
      'Give it a copy: copies: [{ architecture, from, to }].',
    );
  }
  const server = (name: string): SceneServer => {
    const { address, server: listening } = topology.nodes[name]!;
    return { name, address, port: listening!.port };
  };
  const online = server(copy.from);
  const { network, server: tested } = topology.nodes[copy.to]!;
  const { base, prefix } = parseSubnet(topology.networks[network]!.subnet)!;
  return {
    flavour: lab.flavour,
    // A load of the user's own may say anything, to whatever server.
    protocol: topology.load ? 'bytes' : protocolOf(tested!),
    clients: Object.entries(topology.nodes)
      .filter(([, { role }]) => role === 'client')
      .map(([name, { address, sources }]) => ({ name, address, sources })),
    online,
    test: { ...server(copy.to), hardware: await hardwareOf(lab, copy.to) },
    assistants: await assistantsOf(lab, copy.routes ?? []),
    passlist: topology.copies
      .filter(({ to }) => to === copy.to)
      .map((other) => topology.nodes[other.from]!.address),
    broadcast: formatAddress(base + 2 ** (32 - prefix) - 1),
    network,
  };
}

function protocolOf(server: TopologyServer): Scene['protocol'] {
  const speech = speechOf(server);
  switch (speech) {
    case 'http':
    case 'redis':
      return speech;
    case 'http2':
    case undefined:
      return 'bytes';
  }
}

async function assistantsOf(lab: RunningLab, routes: readonly TopologyRoute[]): Promise<SceneAssistant[]> {
  const names = [...new Set(routes.map(({ via }) => via))];
  return Promise.all(
    names.map(async (name) => {
      const node = lab.node(name);
      return {
        name,
        address: node.definition.address,
        hardware: await hardwareOf(lab, name),
        sources: routes.filter(({ via }) => via === name).map(({ sources }) => sources),
      };
    }),
  );
}

async function hardwareOf(lab: RunningLab, name: string): Promise<string> {
  return (await lab.node(name).readFile('/sys/class/net/eth0/address')).toString().trim();
}
