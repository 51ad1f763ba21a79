/**
 * How both sides prove that they hold the same key, before anything else is said. tcpcopy opens with a nonce and a proof of
 * it; intercept, which says nothing to whoever cannot open, answers with a nonce of its own and a proof of both. Each is 64
 * bytes that look like chance: no version, no name, no id of the key. An opening that somebody recorded is answered, and of no
 * use: what follows is sealed by both nonces and the key.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { derive, DERIVED_BYTES, type Purpose } from './derive';
import type { Key } from './key';

const NONCE_BYTES = 32;
/** A nonce and a proof. */
export const PROOF_BYTES = NONCE_BYTES + DERIVED_BYTES;
/** Set in the first byte of each: who has no key takes it for a frame that is too long, and does not wait for its end. */
const NO_FRAME = 0x80;

/** Whether these bytes of a peer, its first, can be a proof: frames in the clear begin with a zero. */
export const isProof = (bytes: Uint8Array): boolean => (bytes[0]! & NO_FRAME) !== 0;

export function drawNonce(): Uint8Array {
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  nonce[0]! |= NO_FRAME;
  return nonce;
}

export const openingOf = ({ secret }: Key, nonce: Uint8Array): Uint8Array =>
  concat(nonce, derive(secret, nonce, 'proof of tcpcopy'));

/** @returns the key that an opening proves; undefined when it is none of these */
export const keyOf = (keys: readonly Key[], opening: Uint8Array): Key | undefined =>
  keys.find(({ secret }) => proves(opening, opening.subarray(0, NONCE_BYTES), secret, 'proof of tcpcopy'));

export const answerTo = (opening: Uint8Array, { secret }: Key, nonce: Uint8Array): Uint8Array =>
  concat(nonce, derive(secret, concat(opening, nonce), 'proof of intercept'));

export const isAnswer = (answer: Uint8Array, opening: Uint8Array, { secret }: Key): boolean =>
  proves(answer, concat(opening, answer.subarray(0, NONCE_BYTES)), secret, 'proof of intercept');

function proves(message: Uint8Array, nonces: Uint8Array, secret: Uint8Array, purpose: Purpose): boolean {
  return timingSafeEqual(message.subarray(NONCE_BYTES), derive(secret, nonces, purpose));
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
