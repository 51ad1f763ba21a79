/** The CPU time a request as a picture (SVG): for each dimension a group of bars with a scale of its own. */
import { BAR, BAR_GAP, barsOf, legendAt } from '../figures/bars';
import { picture, text } from '../figures/svg';
import { curveAt } from './curve';
import { rowsOf } from './summary';
import type { SweepResult } from './sweep';

const WIDTH = 760;
const LEFT = 150;
const RIGHT = 170;
const TOP = 46;
const GROUP_GAP = 18;
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
      const growth = Number.isNaN(row.ratio) ? '' : ` (${row.ratio.toFixed(2)} times)`;
      parts.push(...barsOf(row, { left: LEFT, y, scale }, `${row.point}, ${row.candidate}`, growth));
      y += BAR + BAR_GAP;
    }
    y += GROUP_GAP;
  }
  const curve = curveAt(result, y);
  y += curve.height;
  const title = 'CPU time for a request that reached the test server, in microseconds';
  return picture(WIDTH, y, [text(10, 20, title, 'bold'), ...legendAt(LEFT), ...parts, ...curve.parts]);
}
