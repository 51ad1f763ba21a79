/**
 * AES-256-GCM (NIST SP 800-38D), for one key and one direction, in two ways that seal alike: by OpenSSL's functions themselves, and by
 * `node:crypto`, which makes a cipher for each message and is six times as dear, where there is no other.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import type { Koffi } from '../libc';
import { bindOpenssl, TAG_BYTES, type Direction, type GcmContext, type NewContext } from './openssl';
import { loadOptionalPackage } from '../optional-package';

export { TAG_BYTES, type Direction, type GcmContext, type NewContext };

const CIPHER = 'aes-256-gcm';
export const NONCE_BYTES = 12;

export const contextOfNode: NewContext = (key) => new NodeContext(createSecretKey(key));

class NodeContext implements GcmContext {
  constructor(private readonly key: KeyObject) {}

  seal(nonce: Uint8Array, words: Uint8Array, length: number, into: Uint8Array): void {
    const cipher = createCipheriv(CIPHER, this.key, nonce);
    into.set(cipher.update(words.subarray(0, length)));
    cipher.final();
    into.set(cipher.getAuthTag(), length);
  }

  open(nonce: Uint8Array, sealed: Uint8Array, into: Uint8Array): boolean {
    const length = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, this.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(length));
    into.set(decipher.update(sealed.subarray(0, length)));
    try {
      decipher.final();
      return true;
    } catch {
      return false;
    }
  }
}

/** @returns undefined where the program brings no functions of OpenSSL's, or they do not do what Node's do */
export function contextsOfOpenssl(): NewContext | undefined {
  try {
    const openssl = bindOpenssl(loadOptionalPackage('koffi', 'nothing else') as Koffi);
    return sealsAlike(openssl) ? openssl : undefined;
  } catch {
    return undefined;
  }
}

let chosen: NewContext | undefined;

/** The faster of the two that there are. */
export const newContext: NewContext = (key, direction) =>
  (chosen ??= contextsOfOpenssl() ?? contextOfNode)(key, direction);

/** Looked at once: functions that are called by their names in a binary are believed what is seen. */
function sealsAlike(openssl: NewContext): boolean {
  const [key, nonce, words] = [
    new Uint8Array(32).fill(1),
    new Uint8Array(NONCE_BYTES).fill(2),
    new Uint8Array(40).fill(3),
  ];
  const [ours, nodes] = [openssl, contextOfNode].map((context) => {
    const sealed = new Uint8Array(words.length + TAG_BYTES);
    context(key, 'seal').seal(nonce, words, words.length, sealed);
    return sealed;
  });
  const opened = new Uint8Array(words.length);
  return (
    timingSafeEqual(ours!, nodes!) &&
    openssl(key, 'open').open(nonce, ours!, opened) &&
    timingSafeEqual(opened, words)
  );
}
