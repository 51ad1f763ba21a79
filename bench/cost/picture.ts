/** The CPU time a request as a picture (SVG): for each load a group of bars, tcpcopy and intercept in each. */
import { picture, text } from '../figures/svg';
import { BAR, BAR_GAP, barsOf, legendAt } from '../figures/bars';
import type { CostResult } from './cost';
import { rowsOf } from './summary';

const WIDTH = 760;
const LEFT = 190;
const GROUP_GAP = 18;
const RIGHT = 90;
const TOP = 46;

export function costPicture({ samples, loads }: CostResult): string {
  const rows = rowsOf(samples);
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(...rows.map(({ both_us }) => both_us));
  const parts: string[] = [];
  let y = TOP;
  for (const { id, title } of loads) {
    parts.push(text(10, y + BAR - 3, title, 'bold'));
    y += BAR + BAR_GAP;
    for (const row of rows.filter(({ load }) => load === id)) {
      parts.push(...barsOf(row, { left: LEFT, y, scale }, row.candidate));
      y += BAR + BAR_GAP;
    }
    y += GROUP_GAP;
  }
  const title = 'CPU time for a request that reached the test server, in microseconds';
  return picture(WIDTH, y, [text(10, 20, title, 'bold'), ...legendAt(LEFT), ...parts]);
}
