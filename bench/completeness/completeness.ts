/** Does every request arrive once, under every load? */
import { told } from '../../lab/cli/terminal/output';
import type { Row } from '../loads/row';
import { BenchError } from '../stage/bench-error';
import { fullLoads } from './full-loads';
import { playOriginal, type Outcome } from './original';
import { playLoads } from './play-loads';

export interface CompletenessOptions {
  /** Ids of the loads; all when there are none. */
  readonly only: readonly string[];
  readonly idle_ms: number;
  /** With the original's programs, in 0.9/. */
  readonly peer: string | undefined;
  readonly signal: AbortSignal;
}

export interface ComparedRow extends Row {
  /** What the original came to in the same run, where it was played. */
  readonly beside?: Outcome;
}

export async function completeness(options: CompletenessOptions): Promise<ComparedRow[]> {
  const { only, idle_ms, peer, signal } = options;
  const all = fullLoads({ idle_ms });
  const unknown = only.filter((id) => !all.some((load) => load.id === id));
  if (unknown.length > 0) {
    const known = all.map(({ id }) => id).join(', ');
    throw new BenchError('USAGE', `There is no load named ${unknown.join(' or ')}.`, `There are: ${known}.`);
  }
  const loads = all.filter(({ id }) => only.length === 0 || only.includes(id));
  const rows = await playLoads(loads, { prefix: 'bench', progress: told, signal });
  if (peer === undefined) return rows;
  const besides = await playOriginal(loads, peer, { prefix: 'bench-peer', progress: told, signal });
  return rows.map((row, index) => ({ ...row, beside: besides[index]! }));
}
