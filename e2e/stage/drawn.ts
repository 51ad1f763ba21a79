/** Tests that are many of a kind, each of which takes a copy or a lab of its own: some are drawn, `make soak` plays all. */
import { describe, test } from '@jest/globals';
import { createHash } from 'node:crypto';

type Body = () => Promise<void>;

export interface Drawing {
  /** Writes one of them down. */
  (name: string, body: Body): void;
  /** Called behind the last: those that are drawn become tests. */
  play(): void;
}

const DAY_MS = 86_400_000;

/** The day's; DRAW_SEED gives that of another one. */
export const drawSeed = process.env['DRAW_SEED'] ?? String(Math.floor(Date.now() / DAY_MS));

/** @param kind what they are, in the plural */
export function drawing(kind: string, count: number): Drawing {
  const all: { readonly name: string; readonly body: Body }[] = [];
  const write = (name: string, body: Body): void => void all.push({ name, body });
  const play = (): void => {
    const played = drawnFrom(all, count, ({ name }) => name);
    describe(`${played.length} of ${all.length} ${kind} (DRAW_SEED=${drawSeed})`, () => {
      for (const { name, body } of played) test(name, body);
    });
  };
  return Object.assign(write, { play });
}

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
