/**
 * AES-256-GCM by OpenSSL's own functions (openssl/evp.h), which stand in Node's binary for its add-ons, through koffi. Node's own
 * ciphers are a stream each and are made anew for each message; a context of OpenSSL's is made once, and takes a nonce.
 */
import type { Koffi } from '../libc';

/** EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG (openssl/evp.h). */
const GET_TAG = 0x10;
const SET_TAG = 0x11;
export const TAG_BYTES = 16;
const SUCCESS = 1;
const KEY_BYTES = 32;

interface Evp {
  contextNew(): unknown;
  contextFree(context: unknown): void;
  contextControl(context: unknown, command: number, length: number, bytes: Uint8Array): number;
  aes256Gcm(): unknown;
  encryptInit(...parameters: InitParameters): number;
  encryptUpdate(...parameters: UpdateParameters): number;
  encryptFinal(...parameters: FinalParameters): number;
  decryptInit(...parameters: InitParameters): number;
  decryptUpdate(...parameters: UpdateParameters): number;
  decryptFinal(...parameters: FinalParameters): number;
}
type InitParameters = [
  context: unknown,
  cipher: unknown,
  engine: null,
  key: Uint8Array | null,
  nonce: Uint8Array | null,
];
type UpdateParameters = [
  context: unknown,
  into: Uint8Array,
  written: Int32Array,
  bytes: Uint8Array,
  length: number,
];
type FinalParameters = [context: unknown, into: Uint8Array, written: Int32Array];

/** A key in a context of OpenSSL's, for one direction. */
export interface GcmContext {
  /**
   * Writes `length` sealed bytes and their tag of 16 to `into`, from its beginning on.
   *
   * @param nonce 12 bytes, never the same twice
   */
  seal(nonce: Uint8Array, words: Uint8Array, length: number, into: Uint8Array): void;
  /**
   * Writes what was sealed, without its tag, to `into`.
   *
   * @param sealed bytes and their tag
   * @returns whether it is what was sealed; where it is not, `into` holds nothing of use
   */
  open(nonce: Uint8Array, sealed: Uint8Array, into: Uint8Array): boolean;
}

export type Direction = 'seal' | 'open';

/** @param key 32 bytes */
export type NewContext = (key: Uint8Array, direction: Direction) => GcmContext;

/** @throws an error of koffi's where the program brings none of these functions */
export function bindOpenssl(koffi: Koffi): NewContext {
  const evp = bindEvp(koffi);
  const cipher = evp.aes256Gcm();
  const forgotten = new FinalizationRegistry((context: unknown) => evp.contextFree(context));
  return (key, direction) => {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key of ${key.length} bytes, not ${KEY_BYTES}`);
    const context = evp.contextNew();
    const taken =
      direction === 'seal'
        ? evp.encryptInit(context, cipher, null, key, null)
        : evp.decryptInit(context, cipher, null, key, null);
    demand(taken, 'take the key');
    const gcm = new Context(evp, context);
    forgotten.register(gcm, context);
    return gcm;
  };
}

class Context implements GcmContext {
  readonly #written = new Int32Array(1);
  readonly #tag = new Uint8Array(TAG_BYTES);

  constructor(
    private readonly evp: Evp,
    private readonly context: unknown,
  ) {}

  seal(nonce: Uint8Array, words: Uint8Array, length: number, into: Uint8Array): void {
    const { evp, context } = this;
    if (words.length < length || into.length < length + TAG_BYTES)
      throw new RangeError('there is no room for a record');
    demand(evp.encryptInit(context, null, null, null, nonce), 'take a nonce');
    demand(evp.encryptUpdate(context, into, this.#written, words, length), 'seal');
    // GCM leaves nothing for the end: what is written there has no length.
    demand(evp.encryptFinal(context, this.#tag, this.#written), 'end a record');
    demand(evp.contextControl(context, GET_TAG, TAG_BYTES, this.#tag), 'give a tag');
    into.set(this.#tag, length);
  }

  open(nonce: Uint8Array, sealed: Uint8Array, into: Uint8Array): boolean {
    const { evp, context } = this;
    const length = sealed.length - TAG_BYTES;
    if (length < 0 || into.length < length) throw new RangeError('there is no room for what a record holds');
    this.#tag.set(sealed.subarray(length));
    demand(evp.decryptInit(context, null, null, null, nonce), 'take a nonce');
    demand(evp.contextControl(context, SET_TAG, TAG_BYTES, this.#tag), 'take a tag');
    demand(evp.decryptUpdate(context, into, this.#written, sealed, length), 'open');
    return evp.decryptFinal(context, this.#tag, this.#written) === SUCCESS;
  }
}

function demand(result: number, what: string): void {
  if (result !== SUCCESS) throw new Error(`OpenSSL cannot ${what} (AES-256-GCM)`);
}

function bindEvp(koffi: Koffi): Evp {
  const library = koffi.load(null);
  const bind = (declaration: string): never => library.func(declaration) as never;
  const init = '(void *, void *, void *, const void *, const void *)';
  return {
    contextNew: bind('void *EVP_CIPHER_CTX_new()'),
    contextFree: bind('void EVP_CIPHER_CTX_free(void *)'),
    contextControl: bind('int EVP_CIPHER_CTX_ctrl(void *, int, int, void *)'),
    aes256Gcm: bind('void *EVP_aes_256_gcm()'),
    encryptInit: bind(`int EVP_EncryptInit_ex${init}`),
    encryptUpdate: bind('int EVP_EncryptUpdate(void *, void *, void *, const void *, int)'),
    encryptFinal: bind('int EVP_EncryptFinal_ex(void *, void *, void *)'),
    decryptInit: bind(`int EVP_DecryptInit_ex${init}`),
    decryptUpdate: bind('int EVP_DecryptUpdate(void *, void *, void *, const void *, int)'),
    decryptFinal: bind('int EVP_DecryptFinal_ex(void *, void *, void *)'),
  };
}
