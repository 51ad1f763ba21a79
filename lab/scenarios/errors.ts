/** Why a scenario could not be carried out as it is written: this fails it. */
export class ScenarioError extends Error {
  readonly code = 'SCENARIO_FAILED';

  constructor(message: string) {
    super(message);
    this.name = 'ScenarioError';
  }
}
