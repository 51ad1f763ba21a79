/**
 * Records: a length (u32, big-endian, of what follows it), sealed bytes, and their tag of 16 bytes. AES-256-GCM (NIST SP
 * 800-38D), one key for each direction, and as the nonce how many records it has sealed: what is altered, repeated, left out,
 * or comes in another order or from another connection does not open.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { writeU32 } from '../../wire/big-endian';
import { LengthPrefixed } from '../../wire/length-prefixed';
import { derive } from './derive';
import { SealError } from './seal-error';

const CIPHER = 'aes-256-gcm';
const LENGTH_BYTES = 4;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
/** What is sealed in one piece at most; who receives it keeps no more than that of it. */
export const RECORD_MAX_BYTES = 64 * 1024;
/** Then a key makes room for the next: far below what a key may seal (RFC 8446, section 5.5), and what is behind stays secret. */
const RECORDS_PER_KEY = 2 ** 20;
const NOTHING = new Uint8Array(0);

/** The keys of one direction, one after the other, and the nonce of each record. */
class Sequence {
  readonly #nonce = new Uint8Array(NONCE_BYTES);
  /** By this key. */
  #sealed = 0;
  /** Made once for all that it seals: from bytes Node 24 takes eight times as long for each record. */
  #key: KeyObject;

  constructor(
    private secret: Uint8Array,
    private readonly perKey: number,
  ) {
    this.#key = createSecretKey(secret);
  }

  /** For the next record. @returns the nonce is borrowed until the next one */
  next(): { readonly key: KeyObject; readonly nonce: Uint8Array } {
    if (this.#sealed === this.perKey) this.#nextKey();
    writeU32(this.#nonce, NONCE_BYTES - 4, this.#sealed);
    this.#sealed += 1;
    return { key: this.#key, nonce: this.#nonce };
  }

  #nextKey(): void {
    this.secret = derive(this.secret, NOTHING, 'next key');
    this.#key = createSecretKey(this.secret);
    this.#sealed = 0;
  }
}

export class Sealer {
  readonly #sequence: Sequence;

  /** @param secret 32 bytes */
  constructor(secret: Uint8Array, perKey = RECORDS_PER_KEY) {
    this.#sequence = new Sequence(secret, perKey);
  }

  /** @param words at most `RECORD_MAX_BYTES` @returns the whole record, the caller's own */
  seal(words: Uint8Array): Uint8Array {
    const { key, nonce } = this.#sequence.next();
    const cipher = createCipheriv(CIPHER, key, nonce);
    const record = new Uint8Array(LENGTH_BYTES + words.length + TAG_BYTES);
    writeU32(record, 0, words.length + TAG_BYTES);
    record.set(cipher.update(words), LENGTH_BYTES);
    cipher.final();
    record.set(cipher.getAuthTag(), LENGTH_BYTES + words.length);
    return record;
  }
}

export class Opener {
  readonly #sequence: Sequence;

  constructor(secret: Uint8Array, perKey = RECORDS_PER_KEY) {
    this.#sequence = new Sequence(secret, perKey);
  }

  /** @param body of a record, without its length @returns its words @throws SealError, and nothing may be opened any more */
  open(body: Uint8Array): Uint8Array {
    const { key, nonce } = this.#sequence.next();
    const sealed_bytes = body.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(body.subarray(sealed_bytes));
    const words = decipher.update(body.subarray(0, sealed_bytes));
    try {
      decipher.final();
    } catch {
      throw new SealError(
        'broken-seal',
        'a record is not as the peer sealed it: on the way it was altered, repeated, left out or put elsewhere',
      );
    }
    return words;
  }
}

/** Cuts a stream into the bodies of records. */
export const newRecordSplitter = (): LengthPrefixed =>
  new LengthPrefixed((length) => {
    if (length <= TAG_BYTES || length > RECORD_MAX_BYTES + TAG_BYTES)
      throw new SealError(
        'malformed',
        `a record of ${length} bytes, where ${TAG_BYTES + 1} to ${RECORD_MAX_BYTES + TAG_BYTES} are possible`,
      );
  });
