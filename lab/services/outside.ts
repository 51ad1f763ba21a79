/** Who may be called from the test side, and who answers there, from what is written of them. */
import type { TopologyFault } from '../topology/faults';
import { isFenced } from '../topology/servers/fenced';
import type { Outside } from '../topology/servers/outside';
import type { TopologyFile, TopologyNode } from '../topology/types';
import type { PlacedService } from './beside';
import { containerFrom, sourceOf, type Reading } from './container';
import { faultsOfReady } from './ready';

/** By the names that they answer to. */
export function answeringIn({ outside = {} }: TopologyFile, reading: Reading): Map<string, PlacedService> {
  const answering = new Map<string, PlacedService>();
  for (const [name, what] of Object.entries(outside)) {
    if (what === 'allowed') continue;
    const place = `outside.${name}.server`;
    const { server } = what;
    reading.faults.push(...faultsOfReady(server.ready, `${place}.ready`));
    const container = containerFrom(sourceOf(server, place, reading), server, place, reading);
    answering.set(name, { container, needs: {}, serves: { port: server.port, ready: server.ready } });
  }
  return answering;
}

/** Undefined where nothing is said of any. */
export function allowedIn({ outside = {} }: TopologyFile): Outside | undefined {
  const allowed = Object.entries(outside).filter(
    (entry): entry is [string, 'allowed'] => entry[1] === 'allowed',
  );
  return allowed.length > 0 ? Object.fromEntries(allowed) : undefined;
}

/** @param nodes as they will be started */
export function faultsOfOutside(
  { outside }: TopologyFile,
  nodes: readonly (readonly [string, TopologyNode])[],
): TopologyFault[] {
  if (!outside || nodes.some(([, node]) => isFenced(node))) return [];
  const message = 'no test node has a service of yours, whose calls could be answered or allowed';
  return [
    { place: 'outside', message, mend: 'Leave it out, or give a test node an image, build or Compose file.' },
  ];
}
