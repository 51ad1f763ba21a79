/** Rows as text columns: words to the left, numbers to the right. */

export type Cell = string | number;

const GAP = '  ';

/**
 * A number that is none is a dash.
 *
 * @param decimals of numbers, by column; default 0
 */
export function tableOf(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  decimals: Readonly<Record<number, number>> = {},
): string {
  const text = (cell: Cell, column: number): string =>
    typeof cell === 'string'
      ? cell
      : Number.isNaN(cell)
        ? '–'
        : cell.toLocaleString('en-US', {
            minimumFractionDigits: decimals[column] ?? 0,
            maximumFractionDigits: decimals[column] ?? 0,
          });
  const texts = [headings, ...rows].map((row) => row.map(text));
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => row[column]!.length)));
  const isNumber = headings.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  return texts
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}
