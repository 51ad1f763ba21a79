/** Every order of some things. */
export function permutations<T>(things: readonly T[]): T[][] {
  if (things.length === 0) return [[]];
  return things.flatMap((first, at) =>
    permutations(things.toSpliced(at, 1)).map((others) => [first, ...others]),
  );
}
