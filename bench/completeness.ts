/** Does every request arrive once, under every load? One table. */
import { told } from '../lab/cli/terminal/output';
import { BenchError } from './bench-error';
import { fullLoads } from './loads/all';
import { playLoads } from './play-loads';
import type { Row } from './row';
import { tableOf } from './table';

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

const HEADINGS = [
  'load',
  'at online',
  'at test',
  'missing',
  'doubled',
  'seconds',
  'requests/s',
  'test behind, s',
  '',
  'original: 0.9 NFQUEUE / 1.2 link / 1.2 pcap',
];
/** Columns with decimals. */
const DECIMALS = { 5: 2, 7: 1 };

export function completenessTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.title,
    row.online,
    row.test,
    row.missing,
    row.doubled,
    row.seconds,
    row.rate,
    row.lag_ms / 1000,
    row.exact ? 'exact' : 'NOT EXACT',
    row.original ?? '',
  ]);
  const notes = rows.flatMap((row) => [
    ...row.notes.map((note) => `${row.id}: ${note}`),
    ...(row.exact ? [] : [`${row.id}: tcpcopy counted ${countersText(row)}`]),
  ]);
  const inexact = rows.filter(({ exact }) => !exact).length;
  return [
    tableOf(HEADINGS, cells, DECIMALS),
    '',
    ...notes,
    inexact === 0 ? `All ${rows.length} rows are exact.` : `${inexact} of ${rows.length} rows are not exact.`,
  ].join('\n');
}

const countersText = ({ counters }: Row): string =>
  Object.entries(counters)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
