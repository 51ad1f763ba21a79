/** The CPU time a packet as a picture (SVG): for each payload a group of bars. */
import { bar, picture, text } from '../figures/svg';
import { FLOOR, OWN } from './candidates';
import type { FloorResult } from './floor';
import { rowsOf } from './summary';

const WIDTH = 760;
const LEFT = 230;
const RIGHT = 120;
const TOP = 36;
const BAR = 14;
const BAR_GAP = 4;
const GROUP_GAP = 18;
const COLOURS: Readonly<Record<string, string>> = { [FLOOR]: '#8a8a8a', [OWN]: '#3b6ea5' };
const COLOUR_OTHERS = '#a5b8d0';

export function floorPicture(result: FloorResult): string {
  const rows = rowsOf(result);
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(...rows.map(({ cpu_us }) => cpu_us));
  const parts: string[] = [text(10, 20, 'CPU time for a packet that is sent, in microseconds', 'bold')];
  let y = TOP;
  for (const payload_bytes of new Set(rows.map((row) => row.payload_bytes))) {
    parts.push(text(10, y + BAR - 3, `payload of ${payload_bytes.toLocaleString('en')} bytes`, 'bold'));
    y += BAR + BAR_GAP;
    for (const { candidate, title, cpu_us, ratio } of rows.filter(
      (row) => row.payload_bytes === payload_bytes,
    )) {
      const width = cpu_us * scale;
      parts.push(
        text(LEFT - 8, y + BAR - 3, title, 'normal', 'end'),
        bar(LEFT, y, width, BAR, COLOURS[candidate] ?? COLOUR_OTHERS),
        text(LEFT + width + 6, y + BAR - 3, `${cpu_us.toFixed(2)} (${ratio.toFixed(2)} times)`),
      );
      y += BAR + BAR_GAP;
    }
    y += GROUP_GAP;
  }
  return picture(WIDTH, y, parts);
}
