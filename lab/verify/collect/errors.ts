/** Why a verification could not be carried out at all; what it found out is a finding instead. */
export type VerifyErrorCode =
  | 'NOTHING_COPIED'
  | 'COPY_UNCLEAR'
  | 'TAP_FAILED'
  | 'RULE_FAILED'
  | 'LOAD_UNUSABLE'
  | 'MARK_FAILED';

export class VerifyError extends Error {
  constructor(
    readonly code: VerifyErrorCode,
    message: string,
    readonly mend?: string,
  ) {
    super(message);
    this.name = 'VerifyError';
  }
}
