const FACTOR_1 = 0x85ebca6b;
const FACTOR_2 = 0xc2b2ae35;

/** Its steps, for who has to say them in another language: the word is mixed with itself shifted right, then multiplied. */
export const SPREAD_STEPS: readonly { readonly shift: number; readonly factor: number }[] = [
  { shift: 16, factor: FACTOR_1 },
  { shift: 13, factor: FACTOR_2 },
  { shift: 16, factor: 1 },
];

/** Spreads neighbouring numbers over all 32 bits (Murmur3's finalizer). */
export function spread(number: number): number {
  let word = number;
  word = Math.imul(word ^ (word >>> 16), FACTOR_1);
  word = Math.imul(word ^ (word >>> 13), FACTOR_2);
  return (word ^ (word >>> 16)) >>> 0;
}
