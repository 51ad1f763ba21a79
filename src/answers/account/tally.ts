/** What is counted of one route: pairs by what differs in them, what was learned to be noise, times, and the first examples. */
import { OTHER_PLACES, type Difference } from '../compare/differences';
import type { Exchange } from '../reading/exchange';
import { PairedTimes } from './times';
import { sortOf } from './noise';

export interface Example {
  /** As it may be shown. */
  readonly request: string;
  readonly client: string;
  /** When the online server was asked, seconds since the epoch. */
  readonly asked_s: number;
  readonly difference: Difference;
}

const EXAMPLES_MAX = 3;
/** Of a route; those beyond are one. */
const SORTS_MAX = 300;
const SIGNATURES_MAX = 2000;
const OTHERS = sortOf({ place: OTHER_PLACES, kind: 'changed' });

/** Pairs by the sorts of what differs in them, one a line. */
export type Signatures = ReadonlyMap<string, number>;

export class Tally {
  pairs = 0;
  unjudged = 0;
  /** Pairs that are the same though their request carried what only the online server's answer had. */
  carriedSame = 0;
  readonly signatures = new Map<string, number>();
  /** Those whose request carried what only the online server's answer had, which are not among the signatures: by where that stood. */
  readonly carried = new Map<string, Map<string, number>>();
  readonly examples = new Map<string, Example[]>();
  readonly carriedExamples = new Map<string, Example[]>();
  readonly times = new PairedTimes();
  /** Of a known-good server behind a copy; undefined where there is none. */
  referenceTimes: PairedTimes | undefined;
  /** Pairs of answers of the same server, and in how many of them something differs, by sort. */
  learnedPairs = 0;
  readonly learned = new Map<string, number>();

  /** @param carries what only the online server's answer had */
  same(carries: boolean): void {
    this.pairs += 1;
    if (carries) this.carriedSame += 1;
  }

  differs(
    found: readonly Difference[],
    example: Omit<Example, 'difference'>,
    carriedFrom: string | undefined,
  ): void {
    this.pairs += 1;
    const examples = carriedFrom === undefined ? this.examples : this.carriedExamples;
    const signatures = carriedFrom === undefined ? this.signatures : this.#carriedFrom(carriedFrom);
    const sorts = new Set<string>();
    for (const difference of found) {
      const wanted = sortOf(difference);
      const sort = examples.has(wanted) || examples.size < SORTS_MAX ? wanted : OTHERS;
      // The first difference of a sort stands for the others of the same answer.
      if (sorts.has(sort)) continue;
      sorts.add(sort);
      const kept = examples.get(sort) ?? [];
      if (kept.length < EXAMPLES_MAX) examples.set(sort, [...kept, { ...example, difference }]);
    }
    increase(signatures, signatureOf(sorts, signatures));
  }

  #carriedFrom(place: string): Map<string, number> {
    const known = this.carried.get(place) ?? new Map<string, number>();
    if (known.size === 0 && this.carried.size < SORTS_MAX) this.carried.set(place, known);
    return known;
  }

  /** Two answers of the same server. */
  learn(found: readonly Difference[]): void {
    this.learnedPairs += 1;
    for (const sort of new Set(found.map(sortOf)))
      if (this.learned.has(sort) || this.learned.size < SORTS_MAX) increase(this.learned, sort);
  }

  time(online: Exchange, test: Exchange): void {
    note(this.times, online, test);
  }

  timeReference(online: Exchange, reference: Exchange): void {
    note((this.referenceTimes ??= new PairedTimes()), online, reference);
  }

  add(other: Tally): void {
    this.pairs += other.pairs;
    this.unjudged += other.unjudged;
    this.carriedSame += other.carriedSame;
    this.learnedPairs += other.learnedPairs;
    for (const [key, count] of other.signatures) increase(this.signatures, key, count);
    for (const [place, signatures] of other.carried)
      for (const [key, count] of signatures) increase(this.#carriedFrom(place), key, count);
    for (const [key, count] of other.learned) increase(this.learned, key, count);
    join(this.examples, other.examples);
    join(this.carriedExamples, other.carriedExamples);
    this.times.add(other.times);
    if (other.referenceTimes) (this.referenceTimes ??= new PairedTimes()).add(other.referenceTimes);
  }
}

/** Of too many the first sort stands for all. */
function signatureOf(sorts: ReadonlySet<string>, known: ReadonlyMap<string, number>): string {
  const signature = [...sorts].toSorted().join('\n');
  return known.has(signature) || known.size < SIGNATURES_MAX ? signature : [...sorts][0]!;
}

function join(into: Map<string, Example[]>, from: ReadonlyMap<string, readonly Example[]>): void {
  for (const [sort, examples] of from)
    into.set(sort, [...(into.get(sort) ?? []), ...examples].slice(0, EXAMPLES_MAX));
}

function note(times: PairedTimes, online: Exchange, test: Exchange): void {
  if (online.outcome === 'whole' && test.outcome === 'whole') times.note(took_ms(online), took_ms(test));
}

/** From the last byte of the request to the last of the answer, without what it was silent for its client. */
const took_ms = ({ requested_s, last_s, waited_s }: Exchange): number =>
  Math.max(0, (last_s! - requested_s - waited_s) * 1000);

export function increase(map: Map<string, number>, key: string, by = 1): void {
  map.set(key, (map.get(key) ?? 0) + by);
}
