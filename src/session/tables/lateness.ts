/** How long words had waited when they were sent: how many stayed within which time. */

/** The steps, by what they are called, in milliseconds. */
export const LATENESS_STEPS = {
  '1ms': 1,
  '10ms': 10,
  '100ms': 100,
  '1s': 1000,
  '10s': 10_000,
  '100s': 100_000,
} as const;
export type LatenessStep = keyof typeof LATENESS_STEPS;

const LIMITS_MS: readonly number[] = Object.values(LATENESS_STEPS);
export const LATENESS_NAMES = Object.keys(LATENESS_STEPS).map(
  (step) => `requests_sent_within_${step as LatenessStep}` as const,
);

export class Lateness {
  /** Of each step those that stayed within it, and in none before it; behind the last all others. */
  readonly #counts = new Float64Array(LIMITS_MS.length + 1);
  #sum_ms = 0;

  note(late_ms: number): void {
    let step = 0;
    while (step < LIMITS_MS.length && late_ms > LIMITS_MS[step]!) step += 1;
    this.#counts[step]! += 1;
    this.#sum_ms += late_ms;
  }

  /** Writes all that was noted, each step with those before it. */
  tell(counters: Record<(typeof LATENESS_NAMES)[number] | 'requests_sent_lateness_ms', number>): void {
    let within = 0;
    LATENESS_NAMES.forEach((name, step) => (counters[name] = within += this.#counts[step]!));
    counters.requests_sent_lateness_ms = Math.round(this.#sum_ms);
  }
}
