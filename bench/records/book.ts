/** What both servers have got in one load, from their own records. */

/** A multiset: what tells one delivery from another -> how often there was one like it. */
export type Deliveries = ReadonlyMap<string, number>;

export interface Both<T> {
  readonly online: T;
  readonly test: T;
}

export interface Book {
  counts(): Promise<Both<number>>;
  deliveries(): Promise<Both<Deliveries>>;
  /** Requests that came behind a later one of their connection, where the book can tell. */
  disorder?(): Promise<readonly string[]>;
}

export interface Difference {
  readonly online: number;
  readonly test: number;
  /** Online has them, test does not. */
  readonly missing: number;
  /** Test has them more often than online, or online never had them. */
  readonly doubled: number;
  readonly examplesMissing: readonly string[];
  readonly examplesDoubled: readonly string[];
}

const EXAMPLES_MAX = 5;

export function compare({ online, test }: Both<Deliveries>): Difference {
  const missing = surplusOf(online, test);
  const doubled = surplusOf(test, online);
  return {
    online: sumOf(online),
    test: sumOf(test),
    missing: sumOf(missing),
    doubled: sumOf(doubled),
    examplesMissing: [...missing.keys()].slice(0, EXAMPLES_MAX),
    examplesDoubled: [...doubled.keys()].slice(0, EXAMPLES_MAX),
  };
}

/** @returns how often each of `keys` occurs */
export function tally(keys: Iterable<string>): Deliveries {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Each so many times as often. */
export const multiplied = (deliveries: Deliveries, times: number): Deliveries =>
  new Map([...deliveries].map(([key, count]) => [key, count * times]));

/** What `these` has beyond `those`. */
function surplusOf(these: Deliveries, those: Deliveries): Deliveries {
  const surplus = new Map<string, number>();
  for (const [key, count] of these) {
    const beyond = count - (those.get(key) ?? 0);
    if (beyond > 0) surplus.set(key, beyond);
  }
  return surplus;
}

const sumOf = (deliveries: Deliveries): number =>
  [...deliveries.values()].reduce((sum, count) => sum + count, 0);
