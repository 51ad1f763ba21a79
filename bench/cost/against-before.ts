/** What a request costs over what it cost with an earlier build of ours, measured in turn. */
import { BEFORE } from '../candidates/candidates';
import { ratioOf, type Pair, type Ratio } from '../figures/ratio';
import type { CopySample, Sample } from './measure';

export interface Comparison {
  readonly load: string;
  /** Ours over before: CPU time of both programs for each request that they brought to the test server. */
  readonly ratio: Ratio;
}

/** What lies so close together that no fewer pairs can tell it apart. */
export const PAIRS_MIN = 20;

/** By load. A pair is what the two took in the same round; a round in which one of them failed is none. */
export function comparisonsWith(own: string, samples: readonly Sample[]): Comparison[] {
  const loads = [...new Set(samples.map(({ load }) => load))];
  return loads.map((load) => {
    const [ours, before] = [own, BEFORE].map((candidate) => costsByRound(samples, load, candidate));
    const pairs = [...ours!].flatMap(([round, cost]): Pair[] => {
      const earlier = before!.get(round);
      return earlier === undefined ? [] : [[cost, earlier]];
    });
    return { load, ratio: ratioOf(pairs) };
  });
}

const costsByRound = (samples: readonly Sample[], load: string, candidate: string): Map<number, number> =>
  new Map(
    samples
      .filter((sample) => sample.load === load && sample.candidate === candidate)
      .flatMap(({ round, copy }) => (copy ? [[round, costOf(copy)] as const] : [])),
  );

const costOf = ({ tcpcopy, intercept, test }: CopySample): number =>
  (tcpcopy.cpu_us + intercept.cpu_us) / test;
