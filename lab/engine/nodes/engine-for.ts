/** On which engine the parts of a lab are. */
import { enginesOn } from '../../plan/placement';
import { engineNamed, engines, type Engine } from '../docker/connection';
import type { LabIdentity } from '../docker/labels';

type Placed = Pick<LabIdentity, 'topology'>;

/** That of a node, and of what serves it. */
export function engineFor({ topology }: Placed, node: string): Engine {
  const { on } = topology.nodes[node]!;
  return on === undefined ? engines()[0]! : engineNamed(on);
}

/** That which makes a network: of one that spans several, the first of all. */
export function engineForNetwork({ topology }: Placed, network: string): Engine {
  const [only, ...others] = enginesOn(topology, network);
  return only === undefined || others.length > 0 ? engines()[0]! : engineNamed(only);
}
