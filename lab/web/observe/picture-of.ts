/** The picture of a lab, by its topology. */
import type { RunningLab } from '../../engine/commands/lab';
import { serverName } from '../../topology/servers/server-name';
import { speechOf } from '../../topology/servers/speech';
import type { TopologyCopy } from '../../topology/types';
import type { Picture } from '../messages/picture';

export function pictureOf({ name, topology }: Pick<RunningLab, 'name' | 'topology'>): Picture {
  const heardAt = ({ to, routes = [] }: TopologyCopy): string[] =>
    routes.length > 0 ? [...new Set(routes.map(({ via }) => via))] : [to];
  return {
    lab: name,
    topology: topology.name,
    description: topology.description,
    networks: Object.entries(topology.networks).map(([network, { subnet }]) => ({ name: network, subnet })),
    nodes: Object.entries(topology.nodes).map(([node, { role, network, address, networks, server }]) => ({
      name: node,
      role,
      network,
      address,
      ...(networks && { networks }),
      ...(server && {
        server: { kind: serverName(server), port: server.port },
      }),
    })),
    copies: topology.copies.map((copy) => ({
      architecture: copy.architecture,
      from: copy.from,
      to: copy.to,
      heardAt: heardAt(copy),
      speech: speechOf(topology.nodes[copy.from]!.server!) ?? 'unknown',
    })),
  };
}
