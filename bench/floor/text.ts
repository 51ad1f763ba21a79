import { medianOf } from '../figures/rates';
import { tableOf } from '../figures/table';
import { OWN } from './candidates';
import type { FloorResult } from './floor';
import { isMet, RATIO_MAX, rowsOf } from './summary';

const HEADINGS = ['payload, bytes', 'sender', 'CPU, µs a packet', 'of the floor', 'spread, %', 'arrived, %'];
const DECIMALS = { 2: 3, 3: 2, 5: 2 };

export function floorText(result: FloorResult): string {
  const rows = rowsOf(result);
  const cells = rows.map(({ payload_bytes, title, cpu_us, ratio, spread, arrived }) => [
    payload_bytes,
    title,
    cpu_us,
    ratio,
    spread * 100,
    (arrived ?? NaN) * 100,
  ]);
  const ratios = rows.filter(({ candidate }) => candidate === OWN).map(({ ratio }) => ratio.toFixed(2));
  const noise = medianOf(rows.map(({ spread }) => spread)) * 100;
  return [
    tableOf(HEADINGS, cells, DECIMALS),
    '',
    `Medians of ${result.rounds} rounds of ${result.packets.toLocaleString('en')} packets. Noise: between the lowest and the highest round lie ${noise.toFixed(0)} % of the median.`,
    `Ours over the floor: ${ratios.join(' and ')} (at most ${RATIO_MAX}).`,
    isMet(rows) ? 'Met.' : 'NOT MET.',
  ].join('\n');
}
