/** When a server of the user's is ready. */
import type { TopologyFault } from '../topology/faults';
import type { Ready } from '../topology/servers/servers';

export function faultsOfReady({ log }: Ready, place: string): TopologyFault[] {
  if (log === undefined) return [];
  try {
    new RegExp(log);
    return [];
  } catch (error) {
    const message = `it is no regular expression: ${(error as Error).message}`;
    return [{ place: `${place}.log`, message, mend: 'Escape what stands for itself by a backslash.' }];
  }
}
