/** Topologies as programs give them: checked, and with what they name looked at. */
import { resolveTopology } from '../services/resolve';
import type { Topology, TopologyNode } from '../topology/types';
import { parseTopology } from '../topology/rules/validate';

/**
 * @param topology where types are not checked, anything
 * @param folder that paths in it are relative to
 * @throws TopologyError with all that is wrong
 */
export function resolve(topology: unknown, folder: string): Topology {
  if (isResolved(topology)) return topology;
  const { name = 'without a name' } = (topology ?? {}) as Partial<Topology>;
  return resolveTopology(parseTopology(topology, name), folder, name);
}

/** One that a lab was started from before (`lab.topology`) names nothing that were still to be read. */
function isResolved(topology: unknown): topology is Topology {
  const { nodes = {}, load } = (topology ?? {}) as Partial<Topology>;
  const servers = Object.values(nodes).map((node) => (node as Partial<TopologyNode> | undefined)?.server);
  return load?.container !== undefined || servers.some((server) => server?.kind === 'service');
}
