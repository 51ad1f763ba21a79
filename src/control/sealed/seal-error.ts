/** Why a sealed channel ends. What it says is for the log of this machine: the peer is told nothing. */
export class SealError extends Error {
  override readonly name = 'SealError';
  constructor(
    readonly code: 'without-key' | 'unknown-key' | 'too-early' | 'malformed' | 'broken-seal',
    message: string,
  ) {
    super(message);
  }
}
