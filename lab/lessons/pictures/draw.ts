/** Who said what to whom, as text: a column for each, time goes down. Pure. */

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Seconds since the first one. */
  readonly at: number;
}

const COLUMN = 30;
const TIME = 9;

/**
 * @param columns name and what stands below it; each arrow is between two of them
 * @returns lines that are no longer than nine characters and thirty for each column
 */
export function drawArrows(
  columns: readonly (readonly [name: string, below: string])[],
  arrows: readonly Arrow[],
): string {
  const place = new Map(columns.map(([name], index) => [name, index * COLUMN]));
  const width = (columns.length - 1) * COLUMN + 1;
  const indent = ' '.repeat(TIME);
  const head = [0, 1].map((row) =>
    `${indent}${columns.map((column) => column[row]!.padEnd(COLUMN)).join('')}`.trimEnd(),
  );
  const lines = arrows.flatMap((arrow) => {
    const [from, to] = [place.get(arrow.from), place.get(arrow.to)];
    if (from === undefined || to === undefined || from === to) return [];
    return [`${arrow.at.toFixed(3).padStart(TIME - 2)}  ${lineOf(from, to, arrow.label, width)}`.trimEnd()];
  });
  return [...head, `${indent}${bars(width).join('')}`.trimEnd(), ...lines].join('\n');
}

const bars = (width: number): string[] =>
  Array.from({ length: width }, (_, index) => (index % COLUMN === 0 ? '│' : ' '));

function lineOf(from: number, to: number, label: string, width: number): string {
  const line = bars(width);
  const [left, right] = from < to ? [from, to] : [to, from];
  for (let at = left + 1; at < right; at += 1) line[at] = '─';
  line[from] = from < to ? '├' : '┤';
  line[to] = from < to ? '►' : '◄';
  // A word on it, where it begins.
  const room = right - left - 5;
  const text = ` ${label.slice(0, room)} `;
  const begin = from < to ? left + 2 : right - 1 - text.length;
  Array.from(text).forEach((letter, index) => (line[begin + index] = letter));
  return line.join('');
}
