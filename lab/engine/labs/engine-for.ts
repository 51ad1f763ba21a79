/** On which engine the parts of a lab are. */
import { enginesOn } from '../../plan/placement';
import { engineNamed, engines, type Engine } from '../docker/connection';
import type { LabIdentity } from '../docker/labels';

/** The first that it was started on: what is of no single node is there. */
export function homeOf({ engines: said }: Pick<LabIdentity, 'engines'>): Engine {
  const [first] = Object.keys(said ?? {});
  return first === undefined ? engines()[0]! : engineNamed(first);
}

/** That of a node, and of what serves it. */
export function engineFor(lab: Pick<LabIdentity, 'topology' | 'engines'>, node: string): Engine {
  const { on } = lab.topology.nodes[node]!;
  return typeof on === 'string' ? engineNamed(on) : homeOf(lab);
}

/** That which makes a network: of one that spans several, the first of all. */
export function engineForNetwork(lab: Pick<LabIdentity, 'topology' | 'engines'>, network: string): Engine {
  const [only, ...others] = enginesOn(lab.topology, network);
  return only === undefined || others.length > 0 ? homeOf(lab) : engineNamed(only);
}
