/** Numbers on the command line. */
import { UsageError } from './usage-error';

/** @throws UsageError when the text is no whole number of that range */
export function wholeNumber(
  option: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} takes a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`);
}
