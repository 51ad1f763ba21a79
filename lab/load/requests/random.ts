/** Seeded numbers: the same seed and path give the same sequence on every machine. */

// Jest looks a global up anew at each use: with this line its tests draw their bytes ten times as fast.
const { imul } = Math;

/** A sequence of its own. */
export interface Random {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number in [min, max]. */
  between(min: number, max: number): number;
  pick<T>(choices: readonly T[]): T;
  bytes(length: number): Uint8Array;
}

/** @param path tells sequences of one seed apart, so that one request's bytes do not depend on another's */
export function randomFrom(seed: number, ...path: readonly number[]): Random {
  let state = seed >>> 0;
  for (const step of path) state = mix(state ^ mix(step + 0x9e3779b9));

  /** Mulberry32: 32 bits of state are plenty for telling requests apart. */
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = imul(state ^ (state >>> 15), state | 1);
    word ^= word + imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  };
  const fraction = (): number => next() / 0x100000000;
  const between = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    between,
    pick: (choices) => choices[between(0, choices.length - 1)]!,
    bytes(length) {
      const bytes = new Uint8Array(length);
      const words = new DataView(bytes.buffer);
      let at = 0;
      for (; at + 4 <= length; at += 4) words.setUint32(at, next());
      for (; at < length; at += 1) bytes[at] = next();
      return bytes;
    },
  };
}

/** Spreads a 32-bit word over all of its bits (the finalizer of MurmurHash3). */
function mix(word: number): number {
  let mixed = word >>> 0;
  mixed = imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
