/** What the loads came to, as one table. */
import { tableOf } from '../figures/table';
import type { Row } from '../loads/row';

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
