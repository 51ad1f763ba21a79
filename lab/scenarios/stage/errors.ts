/** `SCENARIO_FAILED`: it could not be carried out as it is written, which fails it. The others: it cannot be played at all. */
export type ScenarioErrorCode = 'SCENARIO_FAILED' | 'SCENARIO_UNKNOWN' | 'SCENARIO_UNFIT';

export class ScenarioError extends Error {
  constructor(
    message: string,
    readonly code: ScenarioErrorCode = 'SCENARIO_FAILED',
    readonly mend?: string,
  ) {
    super(message);
    this.name = 'ScenarioError';
  }
}
