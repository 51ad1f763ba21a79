/** Rounds of a fuzzer: each has a seed of its own, and one that fails says how it is played again alone. */
import { Random } from '../sim/world/plan/random';

const ONLY_SEED = process.env['FUZZ_SEED'];
const FIRST_SEED = Number(process.env['FUZZ_FIRST_SEED'] ?? 1);
const SCALE = Number(process.env['FUZZ_SCALE'] ?? 1);

/** @param what is true of each round, as a sentence without its subject */
export function fuzz(what: string, rounds: number, play: (random: Random, seed: number) => unknown): void {
  const seeds = ONLY_SEED === undefined ? Math.round(rounds * SCALE) : 1;
  const first = Number(ONLY_SEED ?? FIRST_SEED);
  test(`${rounds * SCALE} ${what}`, async () => {
    for (let seed = first; seed < first + seeds; seed += 1) {
      try {
        const played = play(new Random(seed * 7919), seed);
        if (played instanceof Promise) await played;
      } catch (cause) {
        const again = `FUZZ_SEED=${seed} npm run fuzz -- -t '${what}'`;
        const problem = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`seed ${seed}: ${problem}\nplay it again alone:  ${again}`, { cause });
      }
    }
  });
}
