/** The user asked for something that does not exist or cannot be: exit status 2. */
export class UsageError extends Error {
  readonly code = 'USAGE';

  constructor(
    message: string,
    readonly mend?: string,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}
