/** Why a benchmark could not be carried out; what it measured is a row instead. */
export type BenchErrorCode =
  | 'BENCH_RUNS_ALREADY'
  | 'LOAD_FAILED'
  | 'COPY_NOT_ARMED'
  | 'STEP_FAILED'
  | 'NO_COMPILER'
  | 'USAGE';

export class BenchError extends Error {
  constructor(
    readonly code: BenchErrorCode,
    message: string,
    readonly mend?: string,
  ) {
    super(message);
    this.name = 'BenchError';
  }
}
