/** The scene of a running lab's copy. */
import { parseSubnet } from '../topology/addresses';
import type { RunningLab } from '../engine/lab';
import { formatAddress } from '../../src/wire/flow';
import { VerifyError } from './errors';
import type { Scene, SceneServer } from './scene';

export function sceneOf(lab: RunningLab): Scene {
  const { topology } = lab;
  const copy = topology.copies[0];
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
    protocol: tested!.kind === 'redis' ? 'redis' : 'http',
    clients: Object.entries(topology.nodes)
      .filter(([, { role }]) => role === 'client')
      .map(([name, { address }]) => ({ name, address })),
    online,
    test: server(copy.to),
    passlist: [online.address],
    broadcast: formatAddress(base + 2 ** (32 - prefix) - 1),
    network,
  };
}
