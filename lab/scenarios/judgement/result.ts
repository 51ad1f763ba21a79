/** What became of a scenario. */

export interface ScenarioResult {
  readonly scenario: string;
  /** From 1. */
  readonly round: number;
  /** Plays it again, with the same load and the same chance. */
  readonly seed: number;
  readonly verdict: 'pass' | 'fail';
  /** Why it fails, as sentences. */
  readonly reasons: readonly string[];
  /** Leaked frames, of the whole life of the copy. */
  readonly leaked: number;
  /** Frames that carry nothing of the copy, yet show it on the wire. */
  readonly exposures: number;
  /** Requests that the online server got and the test server did not, while the disturbance lasted. */
  readonly missing: number;
  readonly doubled: number;
  /** From the loss of the guard to the last copy that was sent; undefined where the guard was not taken away. */
  readonly detect_ms: number | undefined;
  /** From the end of the disturbance to the next copy; undefined where nothing had ended, or nothing was copied. */
  readonly resume_ms: number | undefined;
}
