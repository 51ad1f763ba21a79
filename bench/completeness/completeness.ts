/** Does every request arrive once, under every load? */
import { told } from '../../lab/cli/terminal/output';
import { BenchError } from '../stage/bench-error';
import { fullLoads } from '../loads/all';
import { playLoads } from '../loads/play-loads';
import type { Row } from '../loads/row';

export interface CompletenessOptions {
  /** Ids of the loads; all when there are none. */
  readonly only: readonly string[];
  readonly idle_ms: number;
  readonly signal: AbortSignal;
}

export async function completeness({ only, idle_ms, signal }: CompletenessOptions): Promise<Row[]> {
  const all = fullLoads({ idle_ms });
  const unknown = only.filter((id) => !all.some((load) => load.id === id));
  if (unknown.length > 0) {
    const known = all.map(({ id }) => id).join(', ');
    throw new BenchError('USAGE', `There is no load named ${unknown.join(' or ')}.`, `There are: ${known}.`);
  }
  const loads = all.filter(({ id }) => only.length === 0 || only.includes(id));
  return playLoads(loads, { prefix: 'bench', progress: told, signal });
}
