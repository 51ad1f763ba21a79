/** What the further options of a copy's programs say, where the plan has to go by it. */
import type { TopologyCopy } from '../../topology/types';

/** @returns the last value of a long option, with or without `=`; what is not well formed the program refuses itself */
export function valueOf(given: readonly string[], option: string): string | undefined {
  const values = given.flatMap((argument, index) => {
    if (argument === option) return [given[index + 1]];
    return argument.startsWith(`${option}=`) ? [argument.slice(option.length + 1)] : [];
  });
  return values.at(-1);
}

/** @returns of a copy's intercept, each of which has a queue and a control port of its own; undefined where only the machine knows (`auto`) */
export function workersOf({ intercept = [] }: Pick<TopologyCopy, 'intercept'>): number | undefined {
  const workers = valueOf(intercept, '--workers');
  if (workers === 'auto') return undefined;
  return /^[1-9]\d?$/.test(workers ?? '') ? Number(workers) : 1;
}
