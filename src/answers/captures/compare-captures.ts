/** Captures of both servers, and of a reference, read in step, so that little waits for its partner. */
import type { Comparison } from '../account/comparison';
import { CapturedSide, type SideOptions } from './captured-side';

export type SideName = 'online' | 'test' | 'reference';

export type Sides = Readonly<Record<'online' | 'test', SideOptions>> & { readonly reference?: SideOptions };

export interface ReadSides {
  readonly online: CapturedSide;
  readonly test: CapturedSide;
  readonly reference?: CapturedSide;
}

/** Reads them to their end. @throws CaptureError when a file cannot be read */
export async function compareCaptures(sides: Sides, comparison: Comparison): Promise<ReadSides> {
  const open = new Map<SideName, CapturedSide>();
  try {
    for (const name of ['online', 'test', 'reference'] as const) {
      const options = sides[name];
      if (options) open.set(name, await CapturedSide.open(options, (one) => comparison.add(name, one)));
    }
    const read = Object.fromEntries(open) as unknown as ReadSides;
    while (open.size > 0) {
      const name = behind(comparison, open);
      if (!(await open.get(name)!.turn())) open.delete(name);
    }
    comparison.end();
    return read;
  } finally {
    for (const side of open.values()) await side.close();
  }
}

/** Which to read on: one that has come less far since it and the online server's found partners. */
function behind({ tests, references }: Comparison, open: ReadonlyMap<SideName, CapturedSide>): SideName {
  const others = [
    ['test', tests],
    ['reference', references],
  ] as const;
  const late = others.find(
    ([name, { since }]) => open.has(name) && (since.test < since.online || !open.has('online')),
  );
  return late?.[0] ?? 'online';
}
