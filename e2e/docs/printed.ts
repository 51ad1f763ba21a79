/**
 * Whether a command prints what a page shows: the same words in the same order. Numbers but 0, times, addresses and
 * whatever else has a digit in it may be others. `…` stands for anything within a line, and alone on a line for any lines.
 */
const ANYTHING = '…';

/** @param shown all of it; what is shown of a longer text begins or ends with `…` */
export function isPrinted(shown: string, printed: string): boolean {
  const patterns = shapesOf(shown).map((line) => (line === ANYTHING ? '(?:.*\n)*' : `${patternOf(line)}\n`));
  return new RegExp(`^${patterns.join('')}$`).test(`${shapesOf(printed).join('\n')}\n`);
}

/** The same where what is shown may stand anywhere. */
export const isPrintedWithin = (shown: string, printed: string): boolean =>
  isPrinted(`${ANYTHING}\n${shown.trimEnd()}\n${ANYTHING}`, printed);

const shapesOf = (text: string): string[] => text.trimEnd().split('\n').map(shapeOf);

/** A run's name is the only one by chance that may do without a digit. */
const shapeOf = (line: string): string =>
  line
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\blab\/\w+\//g, 'lab/#/')
    .replace(/[\w.:-]*\d(?:[\w.:-]|,(?=\d{3}))*/g, (word) => (word === '0' ? word : '#'));

const patternOf = (line: string): string =>
  line
    .split(ANYTHING)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
