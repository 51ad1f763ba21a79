/**
 * Records: a length (u32, big-endian, of what follows it), sealed bytes, and their tag of 16 bytes. AES-256-GCM (NIST SP
 * 800-38D), one key for each direction, and as the nonce how many records it has sealed: what is altered, repeated, left out,
 * or comes in another order or from another connection does not open.
 */
import {
  newContext,
  NONCE_BYTES,
  TAG_BYTES,
  type Direction,
  type GcmContext,
} from '../../kernel/cipher/aes-gcm';
import { writeU32 } from '../../wire/big-endian';
import { LengthPrefixed } from '../../wire/length-prefixed';
import { derive } from './derive';
import { SealError } from './seal-error';

const LENGTH_BYTES = 4;
/** What is sealed in one piece at most; who receives it keeps no more than that of it. */
export const RECORD_MAX_BYTES = 64 * 1024;
/** Then a key makes room for the next: far below what a key may seal (RFC 8446, section 5.5), and what is behind stays secret. */
const RECORDS_PER_KEY = 2 ** 20;
const NOTHING = new Uint8Array(0);
/** For most records; others take the most that there can be. */
const ROOM_BYTES = 4096;

/** What a record is longer than its words. */
const AROUND_BYTES = LENGTH_BYTES + TAG_BYTES;

/** The keys of one direction, one after the other, and the nonce of each record. */
class Sequence {
  readonly nonce = new Uint8Array(NONCE_BYTES);
  /** By this key. */
  #sealed = 0;
  #context: GcmContext | undefined;

  constructor(
    private secret: Uint8Array,
    private readonly direction: Direction,
    private readonly perKey: number,
  ) {}

  /** For the next record, whose `nonce` stands then. */
  next(): GcmContext {
    if (this.#sealed === this.perKey) this.#nextKey();
    writeU32(this.nonce, NONCE_BYTES - 4, this.#sealed);
    this.#sealed += 1;
    return (this.#context ??= newContext(this.secret, this.direction));
  }

  #nextKey(): void {
    this.secret = derive(this.secret, NOTHING, 'next key');
    this.#context = undefined;
    this.#sealed = 0;
  }
}

export class Sealer {
  readonly #sequence: Sequence;

  /** @param secret 32 bytes */
  constructor(secret: Uint8Array, perKey = RECORDS_PER_KEY) {
    this.#sequence = new Sequence(secret, 'seal', perKey);
  }

  /** @param words at most `RECORD_MAX_BYTES` @param into where the whole record is written, with room for it */
  seal(words: Uint8Array, into: Uint8Array): void {
    const context = this.#sequence.next();
    writeU32(into, 0, words.length + TAG_BYTES);
    context.seal(this.#sequence.nonce, words, words.length, into.subarray(LENGTH_BYTES));
  }
}

export class Opener {
  readonly #sequence: Sequence;
  #words = new Uint8Array(ROOM_BYTES);

  constructor(secret: Uint8Array, perKey = RECORDS_PER_KEY) {
    this.#sequence = new Sequence(secret, 'open', perKey);
  }

  /**
   * @param body of a record, without its length
   * @returns its words, borrowed until the next
   * @throws SealError, and nothing may be opened any more
   */
  open(body: Uint8Array): Uint8Array {
    const length = body.length - TAG_BYTES;
    if (this.#words.length < length) this.#words = new Uint8Array(RECORD_MAX_BYTES);
    const context = this.#sequence.next();
    if (!context.open(this.#sequence.nonce, body, this.#words))
      throw new SealError(
        'broken-seal',
        'a record is not as the peer sealed it: on the way it was altered, repeated, left out or put elsewhere',
      );
    return this.#words.subarray(0, length);
  }
}

/** How long what is said becomes, with all around it. */
export const sealedLength = (words_bytes: number): number =>
  words_bytes + Math.ceil(words_bytes / RECORD_MAX_BYTES) * AROUND_BYTES;

/** Cuts a stream into the bodies of records. */
export const newRecordSplitter = (): LengthPrefixed =>
  new LengthPrefixed((length) => {
    if (length <= TAG_BYTES || length > RECORD_MAX_BYTES + TAG_BYTES)
      throw new SealError(
        'malformed',
        `a record of ${length} bytes, where ${TAG_BYTES + 1} to ${RECORD_MAX_BYTES + TAG_BYTES} are possible`,
      );
  });
