/**
 * One end of a sealed channel: bytes in, words out, and the reverse; no socket. Its life is `proving`, until the peer has
 * proven the key; `greeting`, until tcpcopy's first record has passed, which is sealed by the key and both nonces; and
 * `speaking`. That first record holds who speaks in which version to which intercept about which endpoints, and enters the
 * keys of all that follows, in both directions: ends that do not agree about it cannot hear each other.
 */
import { createHash } from 'node:crypto';
import type { LengthPrefixed } from '../../wire/length-prefixed';
import { derive } from './derive';
import { answerTo, concat, drawNonce, isAnswer, isProof, keyOf, openingOf, PROOF_BYTES } from './handshake';
import type { Key } from './key';
import { newRecordSplitter, Opener, RECORD_MAX_BYTES, sealedLength, Sealer } from './records';
import { SealError } from './seal-error';

export type Role = 'tcpcopy' | 'intercept';

const NOTHING: Uint8Array = new Uint8Array(0);

export class SealedEnd {
  /** Which the peer has proven. */
  #key: Key | undefined;
  /** Of tcpcopy. */
  #opening = NOTHING;
  /** Both proofs, nonces in them. */
  #nonces = NOTHING;
  #unsent = NOTHING;
  /** As much of the peer's proof as is here. */
  readonly #proof = new Uint8Array(PROOF_BYTES);
  #proof_bytes = 0;
  readonly #records: LengthPrefixed = newRecordSplitter();
  #sealer: Sealer | undefined;
  #opener: Opener | undefined;
  #isGreeted = false;
  #sealed = new Uint8Array(0);

  /** @param keys at least one: tcpcopy proves the first, intercept takes each */
  constructor(
    private readonly role: Role,
    private readonly keys: readonly Key[],
  ) {
    if (role !== 'tcpcopy') return;
    this.#unsent = this.#opening = openingOf(keys[0]!, drawNonce());
  }

  /** Undefined before the peer has proven it. */
  get key(): Key | undefined {
    return this.#key;
  }

  /** Words may be said. */
  get speaks(): boolean {
    return this.#sealer !== undefined;
  }

  /** What is to be sent before anything else. @returns empty when nothing is, any more */
  takeUnsent(): Uint8Array {
    const unsent = this.#unsent;
    this.#unsent = NOTHING;
    return unsent;
  }

  /** Takes what came, and gives the peer's words. @throws SealError: then the connection is to be ended without a word */
  *receive(chunk: Uint8Array): Generator<Uint8Array, void, void> {
    const rest = this.#key ? chunk : this.#prove(chunk);
    for (const body of this.#records.push(rest)) {
      if (!this.#opener) throw new SealError('too-early', 'it speaks before it was greeted');
      const words = this.#opener.open(body);
      if (!this.#isGreeted) this.#greeted(words);
      yield words;
    }
  }

  /**
   * To be called when it `speaks`.
   *
   * @param words as many as there are, for what is said together is sealed together
   * @returns borrowed until the next
   */
  seal(words: Uint8Array): Uint8Array {
    const length = sealedLength(words.length);
    if (this.#sealed.length < length)
      this.#sealed = new Uint8Array(Math.max(length, 2 * this.#sealed.length));
    let at = 0;
    for (let from = 0; from < words.length; from += RECORD_MAX_BYTES) {
      const piece = words.subarray(from, from + RECORD_MAX_BYTES);
      this.#sealer!.seal(piece, this.#sealed.subarray(at));
      at += sealedLength(piece.length);
      if (!this.#isGreeted) this.#greeted(piece);
    }
    return this.#sealed.subarray(0, length);
  }

  /** @returns what stands behind the proof */
  #prove(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, PROOF_BYTES - this.#proof_bytes);
    this.#proof.set(part, this.#proof_bytes);
    this.#proof_bytes += part.length;
    if (this.#proof_bytes > 0 && !isProof(this.#proof))
      throw new SealError(
        'without-key',
        'it speaks without a key: give it --key-file with a key that is here too',
      );
    if (this.#proof_bytes === PROOF_BYTES) this.#proven();
    return chunk.subarray(part.length);
  }

  #proven(): void {
    if (this.role === 'tcpcopy') this.#answered(this.keys[0]!);
    else this.#opened();
  }

  #opened(): void {
    const key = keyOf(this.keys, this.#proof);
    if (!key)
      throw new SealError('unknown-key', 'it proves none of the keys here: give both sides the same key');
    this.#key = key;
    this.#opening = this.#proof;
    this.#unsent = answerTo(this.#opening, key, drawNonce());
    this.#nonces = concat(this.#opening, this.#unsent);
    this.#opener = new Opener(derive(key.secret, this.#nonces, 'greeting of tcpcopy'));
  }

  #answered(key: Key): void {
    if (!isAnswer(this.#proof, this.#opening, key))
      throw new SealError('unknown-key', `it does not prove the key ${key.id}: give both sides the same key`);
    this.#key = key;
    this.#nonces = concat(this.#opening, this.#proof);
    this.#sealer = new Sealer(derive(key.secret, this.#nonces, 'greeting of tcpcopy'));
  }

  /** @param greeting tcpcopy's first words */
  #greeted(greeting: Uint8Array): void {
    const transcript = createHash('sha256').update(greeting).digest();
    const secretOf = (role: Role): Uint8Array =>
      derive(this.#key!.secret, this.#nonces, `words of ${role}`, transcript);
    this.#isGreeted = true;
    this.#sealer = new Sealer(secretOf(this.role));
    this.#opener = new Opener(secretOf(this.role === 'tcpcopy' ? 'intercept' : 'tcpcopy'));
  }
}
