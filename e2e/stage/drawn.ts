/** Tests that are many of a kind, each of which takes a copy or a lab of its own: some are drawn, `make soak` plays all. */
import { describe, test } from '@jest/globals';
import { drawnFrom, drawSeed } from './draw';

export { drawnFrom, drawSeed };

type Body = () => Promise<void>;

export interface Drawing {
  /** Writes one of them down. */
  (name: string, body: Body): void;
  /** Called behind the last: those that are drawn become tests. */
  play(): void;
}

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
