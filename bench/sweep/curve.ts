/** CPU time over delay: what promptness costs ours, and where the original lies. */
import { dot, line, text } from '../figures/svg';
import { rowsOf, type SweepRow } from './summary';
import type { SweepResult } from './sweep';

export interface CurveComparison {
  /** Of the original. */
  readonly candidate: string;
  readonly delay_ms: number;
  readonly theirs_us: number;
  /** The least that any of ours takes that is no later; infinite where none is. */
  readonly ours_us: number;
  readonly met: boolean;
}

/** The original's points, each beside the cheapest of ours that is at most as late. */
export function againstOriginals(result: SweepResult): CurveComparison[] {
  const rows = timedRows(result);
  const isOurs = ({ candidate }: SweepRow): boolean => originOf(result, candidate) === 'ours';
  const ours = rows.filter(isOurs);
  if (ours.length === 0) return [];
  return rows
    .filter(({ candidate }) => originOf(result, candidate) === 'original')
    .map(({ candidate, delay_ms, both_us: theirs_us }) => {
      const asPrompt = ours.filter((row) => row.delay_ms <= delay_ms);
      const ours_us = Math.min(...asPrompt.map(({ both_us }) => both_us));
      return { candidate, delay_ms, theirs_us, ours_us, met: ours_us < theirs_us };
    });
}

const timedRows = (result: SweepResult): SweepRow[] =>
  rowsOf(result).filter(({ delay_ms }) => !Number.isNaN(delay_ms));

const originOf = ({ candidates }: SweepResult, wanted: string): string | undefined =>
  candidates.find(({ id }) => id === wanted)?.origin;

const HEIGHT = 260;
const WIDTH = 560;
const LEFT = 150;
const OURS = '#3b6ea5';
const THEIRS = '#b5532a';
/** Delays less than this stand where this would. */
const DELAY_MIN_MS = 0.01;

/** A picture's part: delay to the right, by powers of ten, and CPU time upwards. @returns its height, too */
export function curveAt(result: SweepResult, top: number): { parts: string[]; height: number } {
  const rows = timedRows(result);
  if (rows.length === 0) return { parts: [], height: 0 };
  const decades = (delay_ms: number): number => Math.log10(Math.max(delay_ms, DELAY_MIN_MS) / DELAY_MIN_MS);
  const width = Math.max(...rows.map(({ delay_ms }) => decades(delay_ms)), 1);
  const most_us = Math.max(...rows.map(({ both_us }) => both_us));
  const x = ({ delay_ms }: Pick<SweepRow, 'delay_ms'>): number => LEFT + (decades(delay_ms) / width) * WIDTH;
  const y = ({ both_us }: Pick<SweepRow, 'both_us'>): number => top + HEIGHT - (both_us / most_us) * HEIGHT;
  const ours = rows
    .filter(({ candidate }) => originOf(result, candidate) === 'ours')
    .toSorted((one, other) => one.delay_ms - other.delay_ms);
  const segments = ours
    .slice(1)
    .map((row, index) => line(x(ours[index]!), y(ours[index]!), x(row), y(row), OURS));
  const points = rows.flatMap((row) => {
    const isOurs = ours.includes(row);
    const label = `${isOurs ? row.point : row.candidate}: ${row.both_us.toFixed(0)} µs, ${row.delay_ms.toFixed(2)} ms`;
    return [dot(x(row), y(row), isOurs ? OURS : THEIRS), text(x(row) + 8, y(row) - 6, label)];
  });
  const bottom = top + HEIGHT;
  const axes = [
    line(LEFT, top, LEFT, bottom, 'black'),
    line(LEFT, bottom, LEFT + WIDTH, bottom, 'black'),
    text(LEFT, bottom + 16, `${DELAY_MIN_MS} ms`),
    text(LEFT + WIDTH, bottom + 16, `${(DELAY_MIN_MS * 10 ** width).toFixed(2)} ms`, 'normal', 'end'),
    text(LEFT - 8, top + 12, `${most_us.toFixed(0)} µs`, 'normal', 'end'),
  ];
  return { parts: [...axes, ...segments, ...points], height: HEIGHT + 40 };
}
