/**
 * What became of connections whose requests are all alike: each is whole at the test server, or stretches of its requests are
 * not there: all of them, those from one on, or those up to where it was copied again.
 */
import type { Both } from './book';

/** A request by its place. */
export interface Place {
  /** The client's end, and whatever else tells connections apart. Where several are called the same, they are taken together. */
  readonly connection: string;
  /** From 1. */
  readonly ordinal: number;
}

export interface ConnectionAccount {
  /** Requests at online, and at test. */
  readonly requests: Both<number>;
  /** Online's connections. */
  readonly connections: number;
  /** Stretches of a connection's requests that did not arrive, and the requests in them. */
  readonly stretches: number;
  readonly missing: number;
  /** Requests that arrived more often than they were said. */
  readonly doubled: number;
  readonly examplesMissing: readonly string[];
  readonly examplesDoubled: readonly string[];
}

const EXAMPLES_MAX = 5;

export function accountOf({ online, test }: Both<Iterable<Place>>): ConnectionAccount {
  const [said, arrived] = [countsOf(online), countsOf(test)];
  const names = new Set([...said.keys(), ...arrived.keys()]);
  const fates = [...names].map((name) => fateOf(name, said.get(name) ?? [], arrived.get(name) ?? []));
  const total = (part: (fate: Fate) => number): number => fates.reduce((sum, fate) => sum + part(fate), 0);
  const examples = (part: (fate: Fate) => readonly string[]): string[] =>
    fates.flatMap(part).slice(0, EXAMPLES_MAX);
  return {
    requests: { online: total(({ online }) => online), test: total(({ test }) => test) },
    connections: total(({ connections }) => connections),
    stretches: total(({ stretches }) => stretches),
    missing: total(({ missing }) => missing.length),
    doubled: total(({ doubled }) => doubled.length),
    examplesMissing: examples(({ missing }) => missing),
    examplesDoubled: examples(({ doubled }) => doubled),
  };
}

/** By connection: how often there is each ordinal, the first at 0. */
function countsOf(places: Iterable<Place>): Map<string, number[]> {
  const counts = new Map<string, number[]>();
  for (const { connection, ordinal } of places) {
    const own = counts.get(connection) ?? [];
    counts.set(connection, own);
    own[ordinal - 1] = (own[ordinal - 1] ?? 0) + 1;
  }
  return counts;
}

interface Fate {
  readonly online: number;
  readonly test: number;
  readonly connections: number;
  readonly stretches: number;
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
}

/** Of connections of one name: most often a single one. */
function fateOf(name: string, said: readonly number[], arrived: readonly number[]): Fate {
  const missing: string[] = [];
  const doubled: string[] = [];
  let [stretches, before] = [0, 0];
  for (let index = 0; index < Math.max(said.length, arrived.length); index += 1) {
    const difference = (said[index] ?? 0) - (arrived[index] ?? 0);
    const example = `${name} #${index + 1}`;
    /** Connections whose stretches are here. */
    const absent = Math.max(0, difference);
    stretches += Math.max(0, absent - before);
    before = absent;
    for (let lost = 0; lost < difference; lost += 1) missing.push(example);
    for (let extra = 0; extra < -difference; extra += 1) doubled.push(example);
  }
  return { online: sum(said), test: sum(arrived), connections: said[0] ?? 0, stretches, missing, doubled };
}

/** Where a place was never seen, there is a hole. */
const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
