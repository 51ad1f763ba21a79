/**
 * Noise: what differs between two answers of the same server to the same request. A place is noise where the test server's answers differ
 * no more often there than such two do; what differs clearly more often is a difference, though it is noisy.
 */
import type { Difference } from '../compare/differences';

/** Standard deviations on each side. */
const SURE = 3;

/** Differs in `differs` of `of` pairs. */
export interface Rate {
  readonly differs: number;
  readonly of: number;
}

export function isNoise(seen: Rate, learned: Rate): boolean {
  if (learned.differs === 0) return false;
  return bounds(seen).lowest <= bounds(learned).highest;
}

/** Wilson's interval of a proportion. */
function bounds({ differs, of }: Rate): { readonly lowest: number; readonly highest: number } {
  if (of === 0) return { lowest: 0, highest: 1 };
  const share = differs / of;
  const square = SURE ** 2;
  const centre = share + square / (2 * of);
  const spread = SURE * Math.sqrt((share * (1 - share)) / of + square / (4 * of * of));
  const whole = 1 + square / of;
  return { lowest: (centre - spread) / whole, highest: (centre + spread) / whole };
}

/** What is learned of one place: whether its content changes, whether it is there at all, and what of it else. */
const SORTS: Partial<Record<Difference['kind'], string>> = {
  missing: 'presence',
  added: 'presence',
  shorter: 'length',
  longer: 'length',
};

/** Stands in no place. */
const BETWEEN = '\t';

export const sortOf = ({ place, kind }: Pick<Difference, 'place' | 'kind'>): string =>
  `${place.replaceAll(/[\t\n]/g, ' ')}${BETWEEN}${SORTS[kind] ?? kind}`;

export const placeOfSort = (sort: string): string => sort.slice(0, sort.lastIndexOf(BETWEEN));
