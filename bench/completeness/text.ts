/** What the loads came to, as one table. */
import { tableOf } from '../figures/table';
import type { ComparedRow } from './completeness';
import type { Outcome } from './original';

const HEADINGS = [
  'load',
  'at online',
  'at test',
  'missing',
  'doubled',
  'doubtful',
  'left out',
  'seconds',
  'requests/s',
  'test behind, s',
  '',
];
/** Columns with decimals. */
const DECIMALS = { 7: 2, 9: 1 };
const ORIGINAL_BEFORE = 'original: 0.9 NFQUEUE / 1.2 link / 1.2 pcap';
const ORIGINAL_BESIDE = 'original 0.9, in this run';

export function completenessTable(rows: readonly ComparedRow[]): string {
  const cells = rows.map((row) => [
    row.title,
    row.online,
    row.test,
    row.missing,
    row.doubled,
    row.doubtful,
    row.leftOut,
    row.seconds,
    row.rate,
    row.lag_ms / 1000,
    row.exact ? 'exact' : 'NOT EXACT',
    row.beside ? besideText(row.beside) : (row.original ?? ''),
  ]);
  const notes = rows.flatMap((row) => [
    ...row.notes.map((note) => `${row.id}: ${note}`),
    ...(row.exact ? [] : [`${row.id}: tcpcopy counted ${countersText(row)}`]),
    ...besideNotes(row),
  ]);
  const inexact = rows.filter(({ exact }) => !exact).length;
  const original = rows.some(({ beside }) => beside) ? ORIGINAL_BESIDE : ORIGINAL_BEFORE;
  return [
    tableOf([...HEADINGS, original], cells, DECIMALS),
    '',
    ...notes,
    inexact === 0 ? `All ${rows.length} rows are exact.` : `${inexact} of ${rows.length} rows are not exact.`,
  ].join('\n');
}

function besideText(beside: Outcome): string {
  if ('failure' in beside) return 'failed';
  const { online, test, doubled, lag_ms } = beside.row;
  const digits = (count: number): string => count.toLocaleString('en-US');
  const twice = doubled > 0 ? ` (${digits(doubled)} doubled)` : '';
  return `${digits(test)} of ${digits(online)}${twice}, ${(lag_ms / 1000).toFixed(1)} s behind`;
}

/** Examples of what the original does not bring would fill pages. */
function besideNotes({ id, beside }: ComparedRow): string[] {
  if (!beside) return [];
  if ('failure' in beside) return [`${id}: the original failed: ${beside.failure}`];
  const notes = beside.row.notes.filter((note) => !/^(missing|doubled): /.test(note));
  return notes.map((note) => `${id}: original: ${note}`);
}

const countersText = ({ counters }: ComparedRow): string =>
  Object.entries(counters)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
