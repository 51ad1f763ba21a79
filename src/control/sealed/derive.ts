/** Everything that is derived from a key: by HKDF with SHA-256 (RFC 5869), for one purpose each. */
import { hkdfSync } from 'node:crypto';

/** Raised whenever anything that is derived, or what is done with it, changes. */
const SUITE = 'tcpcopy-lab control channel 1';
export const DERIVED_BYTES = 32;
const NOTHING = new Uint8Array(0);

/** What a derived value is for. Each side has its own, so that nothing can be sent back to who said it. */
export type Purpose =
  | 'proof of tcpcopy'
  | 'proof of intercept'
  | 'greeting of tcpcopy'
  | 'words of tcpcopy'
  | 'words of intercept'
  | 'next key';

/**
 * @param nonces fresh numbers of one side or both: the salt
 * @param transcript what else enters, at most 64 bytes
 * @returns 32 bytes
 */
export function derive(
  secret: Uint8Array,
  nonces: Uint8Array,
  purpose: Purpose,
  transcript: Uint8Array = NOTHING,
): Uint8Array {
  const info = Buffer.concat([Buffer.from(`${SUITE}: ${purpose}\0`), transcript]);
  return new Uint8Array(hkdfSync('sha256', secret, nonces, info, DERIVED_BYTES));
}
