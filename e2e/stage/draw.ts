/** Draws some of many by the day: others each day, and the same ones again with the day's seed. */
import { createHash } from 'node:crypto';

const DAY_MS = 86_400_000;

/** The day's; DRAW_SEED gives that of another one. */
export const drawSeed = process.env['DRAW_SEED'] ?? String(Math.floor(Date.now() / DAY_MS));

/** So many of them; all with DRAWN=all. */
export function drawnFrom<T>(
  all: readonly T[],
  count: number,
  nameOf: (one: T) => string = String,
): readonly T[] {
  return process.env['DRAWN'] === 'all' ? all : draw(all, count, { seed: drawSeed, nameOf });
}

/** @returns so many in their own order, others with another seed; one that is added changes little of what is drawn */
export function draw<T>(
  all: readonly T[],
  count: number,
  { seed, nameOf = String }: { readonly seed: string; readonly nameOf?: (one: T) => string },
): readonly T[] {
  const lotOf = (one: T): string =>
    createHash('sha256')
      .update(`${seed} ${nameOf(one)}`)
      .digest('hex');
  const lots = new Map(all.map((one) => [one, lotOf(one)]));
  const chosen = new Set(all.toSorted((a, b) => (lots.get(a)! < lots.get(b)! ? -1 : 1)).slice(0, count));
  return all.filter((one) => chosen.has(one));
}
