/** Both ways of AES-256-GCM seal alike, and open nothing that was changed. */
import { randomBytes } from 'node:crypto';
import {
  contextOfNode,
  contextsOfOpenssl,
  TAG_BYTES,
  type NewContext,
} from '../../../../src/kernel/cipher/aes-gcm';

const openssl = contextsOfOpenssl();
const LENGTHS = [1, 15, 16, 17, 61, 1800, 65_536];
const key = randomBytes(32);

const nonceOf = (number: number): Uint8Array => {
  const nonce = new Uint8Array(12);
  nonce[11] = number;
  return nonce;
};

function sealedBy(context: NewContext, words: Uint8Array, nonce = nonceOf(0)): Uint8Array {
  const into = new Uint8Array(words.length + TAG_BYTES);
  context(key, 'seal').seal(nonce, words, words.length, into);
  return into;
}

test("OpenSSL's functions are in the binary that runs this", () => {
  expect(openssl).toBeDefined();
});

test.each(LENGTHS)('both seal %i bytes alike, one record after the other', (length) => {
  const [ours, nodes] = [openssl!(key, 'seal'), contextOfNode(key, 'seal')];
  const words = randomBytes(length);
  for (let record = 0; record < 5; record += 1) {
    const [a, b] = [ours, nodes].map((context) => {
      const into = new Uint8Array(length + TAG_BYTES);
      context.seal(nonceOf(record), words, length, into);
      return into;
    });
    expect(Buffer.compare(a!, b!)).toBe(0);
  }
});

describe.each([
  ['OpenSSL', openssl!],
  ['node:crypto', contextOfNode],
] as const)('by %s', (_name, context) => {
  test.each(LENGTHS)('%i bytes that were sealed by the other way are opened', (length) => {
    const words = randomBytes(length);
    const other = context === contextOfNode ? openssl! : contextOfNode;
    const into = new Uint8Array(length);
    expect(context(key, 'open').open(nonceOf(0), sealedBy(other, words), into)).toBe(true);
    expect(Buffer.compare(into, words)).toBe(0);
  });

  test('a record is opened from within a longer piece of memory, and sealed into one', () => {
    const words = randomBytes(100);
    const around = new Uint8Array(300).fill(7);
    const place = around.subarray(50, 50 + 100 + TAG_BYTES);
    context(key, 'seal').seal(nonceOf(0), words, 100, place);
    expect([...around.subarray(0, 50), ...around.subarray(166)].every((byte) => byte === 7)).toBe(true);
    const into = new Uint8Array(200);
    expect(context(key, 'open').open(nonceOf(0), place, into)).toBe(true);
    expect(Buffer.compare(into.subarray(0, 100), words)).toBe(0);
  });

  test('no bit of a record may differ, nor its nonce, nor its key', () => {
    const words = randomBytes(40);
    const record = sealedBy(context, words);
    const opens = (sealed: Uint8Array, nonce = nonceOf(0), by = key): boolean =>
      context(by, 'open').open(nonce, sealed, new Uint8Array(sealed.length));
    for (let bit = 0; bit < record.length * 8; bit += 1) {
      const bent = record.slice();
      bent[bit >> 3]! ^= 1 << (bit & 7);
      if (opens(bent)) throw new Error(`bit ${bit} was not missed`);
    }
    expect([opens(record, nonceOf(1)), opens(record, nonceOf(0), randomBytes(32))]).toEqual([false, false]);
    expect([opens(record.subarray(1)), opens(record.subarray(0, -1))]).toEqual([false, false]);
    expect(opens(record)).toBe(true);
  });
});

test('memory that is too short is refused before anything is written beyond it', () => {
  const words = new Uint8Array(10);
  expect(() => openssl!(key, 'seal').seal(nonceOf(0), words, 10, new Uint8Array(25))).toThrow(RangeError);
  expect(() => openssl!(key, 'seal').seal(nonceOf(0), words, 11, new Uint8Array(99))).toThrow(RangeError);
  expect(() => openssl!(key, 'open').open(nonceOf(0), new Uint8Array(30), new Uint8Array(13))).toThrow(
    RangeError,
  );
  expect(() => openssl!(new Uint8Array(16), 'seal')).toThrow(RangeError);
});
