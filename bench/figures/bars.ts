/** A row of a picture: what tcpcopy and intercept took for a request, one behind the other. */
import { bar, text } from './svg';

export const BAR = 14;
export const BAR_GAP = 4;
const COLOURS = { tcpcopy: '#3b6ea5', intercept: '#a5b8d0' } as const;

/** What a row of a table has, whatever was varied. */
export interface BarRow {
  readonly tcpcopy_us: number;
  readonly intercept_us: number;
  readonly both_us: number;
  readonly complete: number;
  readonly missing: number;
}

export interface BarPlace {
  readonly left: number;
  readonly y: number;
  /** Lengths a microsecond. */
  readonly scale: number;
}

/** @param remark behind the figure */
export function barsOf(row: BarRow, { left, y, scale }: BarPlace, label: string, remark = ''): string[] {
  const tcpcopy = row.tcpcopy_us * scale;
  const intercept = row.intercept_us * scale;
  const lost = row.missing === 0 ? '' : `, ${(row.complete * 100).toFixed(1)} % arrived`;
  const figure = `${row.both_us.toFixed(0)}${remark}${lost}`;
  return [
    text(left - 8, y + BAR - 3, label, 'normal', 'end'),
    bar(left, y, tcpcopy, BAR, COLOURS.tcpcopy),
    bar(left + tcpcopy, y, intercept, BAR, COLOURS.intercept),
    text(left + tcpcopy + intercept + 6, y + BAR - 3, figure),
  ];
}

export const legendAt = (left: number): string[] =>
  (['tcpcopy', 'intercept'] as const).flatMap((program, index) => [
    bar(left + index * 90, 30, BAR - 4, BAR - 4, COLOURS[program]),
    text(left + index * 90 + BAR, 39, program),
  ]);
