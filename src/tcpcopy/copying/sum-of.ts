/** Counters of several lives of a thing, by name. */

export function sumOf(
  earlier: Readonly<Record<string, number>>,
  current: Readonly<Record<string, number>>,
): Record<string, number> {
  const names = new Set([...Object.keys(earlier), ...Object.keys(current)]);
  return Object.fromEntries([...names].map((name) => [name, (earlier[name] ?? 0) + (current[name] ?? 0)]));
}
