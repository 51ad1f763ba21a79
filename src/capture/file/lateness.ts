/** How late packets were played, in bounded memory: counted in steps that grow by a quarter each. */

const FIRST_MS = 0.01;
const GROWTH = 1.25;
const STEPS = 96;

export class Lateness {
  readonly #counts = new Float64Array(STEPS);
  #total = 0;

  /** @param error_ms early or late */
  note(error_ms: number): void {
    const steps = Math.ceil(Math.log(Math.abs(error_ms) / FIRST_MS) / Math.log(GROWTH));
    this.#counts[Math.min(STEPS - 1, Math.max(0, steps))]! += 1;
    this.#total += 1;
  }

  /** What that share of all packets stayed within, rounded up to a step; undefined when there were none. */
  within_ms(share: number): number | undefined {
    let counted = 0;
    for (let step = 0; step < STEPS; step += 1) {
      counted += this.#counts[step]!;
      if (counted > 0 && counted >= this.#total * share) return FIRST_MS * GROWTH ** step;
    }
    return undefined;
  }
}
