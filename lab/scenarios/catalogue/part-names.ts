/** What the parts of a copy are called in the names of scenarios. */
import type { Part } from '../stage/parts';
import type { Architecture } from '../stage/scenario';

export function nameOf(architecture: Architecture, part: Part): string {
  if (part !== 'guard') return part;
  return architecture === 'traditional' ? 'rule' : 'route';
}
