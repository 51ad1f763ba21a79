/** Spreads neighbouring numbers over all 32 bits (Murmur3's finalizer). */
export function spread(number: number): number {
  let word = number;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
