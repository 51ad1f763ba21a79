/** The CPU time a request as a picture (SVG): for each dimension a group of bars with a scale of its own. */
import { bar, picture, text } from '../svg';
import { rowsOf, type SweepRow } from './summary';
import type { SweepResult } from './sweep';

const WIDTH = 760;
const LEFT = 150;
const RIGHT = 170;
const TOP = 46;
const BAR = 14;
const BAR_GAP = 4;
const GROUP_GAP = 18;
const COLOURS = { tcpcopy: '#3b6ea5', intercept: '#a5b8d0' } as const;

export function sweepPicture(result: SweepResult): string {
  const rows = rowsOf(result);
  const parts: string[] = [];
  let y = TOP;
  for (const { id, title } of result.dimensions) {
    const own = rows.filter(({ dimension }) => dimension === id);
    const scale = (WIDTH - LEFT - RIGHT) / Math.max(...own.map(({ both_us }) => both_us));
    parts.push(text(10, y + BAR - 3, title, 'bold'));
    y += BAR + BAR_GAP;
    for (const row of own) {
      parts.push(...barsOf(row, y, scale));
      y += BAR + BAR_GAP;
    }
    y += GROUP_GAP;
  }
  const title = 'CPU time for a request that reached the test server, in microseconds';
  return picture(WIDTH, y, [text(10, 20, title, 'bold'), ...legend(), ...parts]);
}

function barsOf(row: SweepRow, y: number, scale: number): string[] {
  const tcpcopy = row.tcpcopy_us * scale;
  const intercept = row.intercept_us * scale;
  const growth = Number.isNaN(row.ratio) ? '' : ` (${row.ratio.toFixed(2)} times)`;
  const lost = row.missing === 0 ? '' : `, ${(row.complete * 100).toFixed(1)} % arrived`;
  return [
    text(LEFT - 8, y + BAR - 3, `${row.point}, ${row.candidate}`, 'normal', 'end'),
    bar(LEFT, y, tcpcopy, BAR, COLOURS.tcpcopy),
    bar(LEFT + tcpcopy, y, intercept, BAR, COLOURS.intercept),
    text(LEFT + tcpcopy + intercept + 6, y + BAR - 3, `${row.both_us.toFixed(0)}${growth}${lost}`),
  ];
}

const legend = (): string[] =>
  (['tcpcopy', 'intercept'] as const).flatMap((program, index) => [
    bar(LEFT + index * 90, 30, BAR - 4, BAR - 4, COLOURS[program]),
    text(LEFT + index * 90 + BAR, 39, program),
  ]);
