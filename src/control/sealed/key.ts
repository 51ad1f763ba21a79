/**
 * Keys of the control channel, and the text that they stand in: a line for each, an id and the key in base64url (RFC 4648,
 * section 5). What stands first is used; all are accepted.
 */
import { randomBytes } from 'node:crypto';

export interface Key {
  /** By which people and logs name it; it never leaves the machine. */
  readonly id: string;
  /** At least 32 bytes that nobody can guess. */
  readonly secret: Uint8Array;
}

export interface KeyFault {
  /** From 1. */
  readonly line: number;
  /** What is wrong, and what mends it; nothing of the key itself. */
  readonly why: string;
}

export const SECRET_MIN_BYTES = 32;
const SECRET_MAX_BYTES = 256;
/** Each of them is tried with whoever connects. */
const KEYS_MAX = 16;
const ID = /^[\w.-]{1,64}$/;

const HEADING = `# Keys of the control channel between tcpcopy and intercept (--key-file): an id and a key in each line.
# The first is used, all are accepted. Nobody but the two programs may read this file.
`;

/** A new key, by the day and a few letters of its own. */
export const drawKey = (now: Date): Key => ({
  id: `${now.toISOString().slice(0, 10)}-${randomBytes(2).toString('hex')}`,
  secret: randomBytes(SECRET_MIN_BYTES),
});

/** The text of a key file. */
export const formatKeys = (keys: readonly Key[]): string =>
  HEADING + keys.map(({ id, secret }) => `${id} ${Buffer.from(secret).toString('base64url')}\n`).join('');

/** @returns the keys in their order, or all that is wrong */
export function parseKeys(text: string): {
  readonly keys: readonly Key[];
  readonly faults: readonly KeyFault[];
} {
  const keys: Key[] = [];
  const faults: KeyFault[] = [];
  const lines = text.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]!.startsWith('#')) continue;
    const key = readLine(words, keys);
    if (typeof key === 'string') faults.push({ line: index + 1, why: key });
    else keys.push(key);
  }
  if (keys.length > KEYS_MAX)
    faults.push({ line: lines.length, why: `there are ${keys.length} keys, at most ${KEYS_MAX} are taken` });
  if (keys.length + faults.length === 0)
    faults.push({ line: 1, why: 'there is no key: tcpcopy keygen prints one' });
  return { keys, faults };
}

/** @returns the key, or what is wrong */
function readLine(words: readonly string[], before: readonly Key[]): Key | string {
  const [id = '', text = ''] = words;
  if (words.length !== 2) return 'a line is an id and a key: tcpcopy keygen prints one';
  if (!ID.test(id)) return 'an id has at most 64 letters, digits, dots, lines and underlines';
  if (before.some((key) => key.id === id)) return `the id ${id} stands here twice: give each key its own`;
  if (!/^[\w+/-]+={0,2}$/.test(text)) return `the key ${id} is no base64: tcpcopy keygen prints one`;
  const secret = new Uint8Array(Buffer.from(text, 'base64'));
  if (secret.length < SECRET_MIN_BYTES)
    return `the key ${id} has ${secret.length} bytes, at least ${SECRET_MIN_BYTES} are needed: tcpcopy keygen prints one`;
  if (secret.length > SECRET_MAX_BYTES)
    return `the key ${id} has ${secret.length} bytes, at most ${SECRET_MAX_BYTES} are taken`;
  const same = before.find((key) => Buffer.compare(key.secret, secret) === 0);
  if (same) return `${id} and ${same.id} are the same key: leave one of them out`;
  return { id, secret };
}

/** The same key is there, by whatever id. */
export const hasKey = (keys: readonly Key[], { secret }: Key): boolean =>
  keys.some((key) => Buffer.compare(key.secret, secret) === 0);
