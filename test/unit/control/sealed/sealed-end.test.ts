import { Opener, RECORD_MAX_BYTES, Sealer } from '../../../../src/control/sealed/records';
import { SealedEnd } from '../../../../src/control/sealed/sealed-end';
import { bytesOf, greeted, heardBy, newKey, recordOf } from './ends';

const key = newKey('a');

describe('two ends that hold the same key', () => {
  test('hear each other, whatever pieces it comes in', () => {
    const { tcpcopy, intercept } = greeted(key);
    expect(heardBy(tcpcopy, intercept.seal(bytesOf('welcome')))).toEqual(['welcome']);
    const said = Buffer.concat(['one', 'two', 'three'].map((words) => tcpcopy.seal(bytesOf(words)).slice()));
    expect([...said].flatMap((byte) => heardBy(intercept, Uint8Array.of(byte)))).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  test('agree also when the proofs come byte by byte, the greeting right behind', () => {
    const tcpcopy = new SealedEnd('tcpcopy', [key]);
    const intercept = new SealedEnd('intercept', [key]);
    for (const byte of tcpcopy.takeUnsent()) heardBy(intercept, Uint8Array.of(byte));
    for (const byte of intercept.takeUnsent()) heardBy(tcpcopy, Uint8Array.of(byte));
    const all = Buffer.concat(['hello', 'register'].map((words) => tcpcopy.seal(bytesOf(words)).slice()));
    expect(heardBy(intercept, all)).toEqual(['hello', 'register']);
    expect(intercept.key?.id).toBe('a');
  });

  test('say nothing before the proof, and nothing in the clear', () => {
    const tcpcopy = new SealedEnd('tcpcopy', [key]);
    const intercept = new SealedEnd('intercept', [key]);
    expect([tcpcopy.speaks, intercept.speaks]).toEqual([false, false]);
    const opening = tcpcopy.takeUnsent();
    expect(opening).toHaveLength(64);
    expect(intercept.takeUnsent()).toHaveLength(0);
    heardBy(intercept, opening);
    expect(intercept.speaks).toBe(false);
    const secret = 'a header of somebody';
    const { tcpcopy: one, intercept: other } = greeted(key);
    expect(Buffer.from(other.seal(bytesOf(secret))).includes(secret)).toBe(false);
    expect(Buffer.from(one.seal(bytesOf(secret))).includes(secret)).toBe(false);
  });

  test('seal the same words differently each time, and in each connection', () => {
    const { tcpcopy } = greeted(key);
    const { tcpcopy: again } = greeted(key);
    const sealed = [tcpcopy, tcpcopy, again].map((end) =>
      Buffer.from(end.seal(bytesOf('words'))).toString('hex'),
    );
    expect(new Set(sealed).size).toBe(3);
  });

  test('cut what is longer than a record, and seal what is said together as one', () => {
    const { tcpcopy, intercept } = greeted(key);
    const words = Uint8Array.from({ length: 2 * RECORD_MAX_BYTES + 1 }, (_, index) => index % 251);
    const heard: Buffer[] = [];
    for (const piece of intercept.receive(tcpcopy.seal(words))) heard.push(Buffer.from(piece));
    expect(heard.map(({ length }) => length)).toEqual([RECORD_MAX_BYTES, RECORD_MAX_BYTES, 1]);
    expect(Buffer.concat(heard).equals(words)).toBe(true);
    expect(tcpcopy.seal(bytesOf('few words'))).toHaveLength(4 + 9 + 16);
  });

  test('take any of their keys, and say which it was', () => {
    const other = newKey('new');
    const tcpcopy = new SealedEnd('tcpcopy', [other, key]);
    const intercept = new SealedEnd('intercept', [key, other]);
    heardBy(intercept, tcpcopy.takeUnsent());
    expect(intercept.key?.id).toBe('new');
  });
});

test('a key makes room for the next, on both sides at the same record', () => {
  const [sealer, opener] = [new Sealer(key.secret, 3), new Opener(key.secret, 3)];
  const bodies = Array.from({ length: 10 }, () => recordOf(sealer, 'words').subarray(4));
  expect(bodies.map((body) => Buffer.from(opener.open(body)).toString())).toEqual(bodies.map(() => 'words'));
  expect(new Set(bodies.map((body) => Buffer.from(body).toString('hex'))).size).toBe(10);
});

describe('an attack on the proof', () => {
  test('with another key is told nothing', () => {
    const intercept = new SealedEnd('intercept', [key]);
    const opening = new SealedEnd('tcpcopy', [newKey('other')]).takeUnsent();
    expect(() => heardBy(intercept, opening)).toThrow(expect.objectContaining({ code: 'unknown-key' }));
    expect(intercept.takeUnsent()).toHaveLength(0);
  });

  test('in the clear is told nothing, at its first byte', () => {
    for (const role of ['tcpcopy', 'intercept'] as const) {
      const end = new SealedEnd(role, [key]);
      end.takeUnsent();
      expect(() => heardBy(end, Uint8Array.of(0))).toThrow(expect.objectContaining({ code: 'without-key' }));
      expect(end.takeUnsent()).toHaveLength(0);
    }
  });

  test('by an intercept that has another key is not greeted', () => {
    const tcpcopy = new SealedEnd('tcpcopy', [key]);
    const answer = new Uint8Array(64).fill(0xff);
    expect(() => heardBy(tcpcopy, answer)).toThrow(expect.objectContaining({ code: 'unknown-key' }));
    expect(tcpcopy.speaks).toBe(false);
  });

  test('that reflects what tcpcopy says is not greeted', () => {
    const tcpcopy = new SealedEnd('tcpcopy', [key]);
    expect(() => heardBy(tcpcopy, tcpcopy.takeUnsent())).toThrow(
      expect.objectContaining({ code: 'unknown-key' }),
    );
  });

  test('that reflects what intercept answers opens nothing', () => {
    const { answer } = greeted(key);
    const intercept = new SealedEnd('intercept', [key]);
    expect(() => heardBy(intercept, answer)).toThrow(expect.objectContaining({ code: 'unknown-key' }));
  });

  test('that replays a whole connection is answered with a fresh nonce, and its greeting does not open', () => {
    const { opening, answer, greeting } = greeted(key);
    const intercept = new SealedEnd('intercept', [key]);
    expect(heardBy(intercept, opening)).toEqual([]);
    expect(Buffer.from(intercept.takeUnsent()).equals(answer)).toBe(false);
    expect(() => heardBy(intercept, greeting)).toThrow(expect.objectContaining({ code: 'broken-seal' }));
    expect(intercept.speaks).toBe(false);
  });

  test('that replays an answer of intercept is not greeted', () => {
    const { answer } = greeted(key);
    const tcpcopy = new SealedEnd('tcpcopy', [key]);
    expect(() => heardBy(tcpcopy, answer)).toThrow(expect.objectContaining({ code: 'unknown-key' }));
  });

  test('with any bit of it changed fails', () => {
    for (let bit = 0; bit < 8 * 64; bit += 1) {
      const opening = new SealedEnd('tcpcopy', [key]).takeUnsent();
      opening[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => heardBy(new SealedEnd('intercept', [key]), opening)).toThrow();
    }
  });
});

describe('an attack on what follows', () => {
  test.each([
    ['altered', (records: Uint8Array[]) => records[0]!.map((byte, at) => (at === 10 ? byte ^ 1 : byte))],
    [
      'cut, with the next behind it',
      ([one, two]: Uint8Array[]) => Buffer.concat([one!.subarray(0, -1), two!]),
    ],
    ['repeated', ([one]: Uint8Array[]) => Buffer.concat([one!, one!])],
    ['left out', ([, two]: Uint8Array[]) => two!],
    ['in another order', ([one, two]: Uint8Array[]) => Buffer.concat([two!, one!])],
  ])('by a record that is %s ends the connection', (_, tampered) => {
    const { tcpcopy, intercept } = greeted(key);
    const records = ['one', 'two and some more'].map((words) => tcpcopy.seal(bytesOf(words)).slice());
    expect(() => heardBy(intercept, tampered(records))).toThrow(
      expect.objectContaining({ code: 'broken-seal' }),
    );
  });

  test('by a record of another connection of the same key ends it', () => {
    const { intercept } = greeted(key);
    const { tcpcopy } = greeted(key);
    expect(() => heardBy(intercept, tcpcopy.seal(bytesOf('words')))).toThrow(
      expect.objectContaining({ code: 'broken-seal' }),
    );
  });

  test('by a record that is sent back to who sealed it ends it', () => {
    const { tcpcopy, intercept } = greeted(key);
    expect(() => heardBy(tcpcopy, tcpcopy.seal(bytesOf('words')))).toThrow(
      expect.objectContaining({ code: 'broken-seal' }),
    );
    expect(() => heardBy(intercept, intercept.seal(bytesOf('words')))).toThrow(
      expect.objectContaining({ code: 'broken-seal' }),
    );
  });

  test('by another greeting in the place of the one that was said leaves both deaf', () => {
    const one = greeted(key, 'hello, I copy to 198.18.10.30:8080');
    const other = greeted(key, 'hello, I copy to 198.18.10.31:8080');
    expect(() => heardBy(one.tcpcopy, other.intercept.seal(bytesOf('armed')))).toThrow(
      expect.objectContaining({ code: 'broken-seal' }),
    );
  });

  test.each([0, 16, RECORD_MAX_BYTES + 17, 0xffff_ffff])(
    'by a record of %i bytes ends it, and nothing is kept',
    (length) => {
      const { intercept } = greeted(key);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(length);
      expect(() => heardBy(intercept, head)).toThrow(expect.objectContaining({ code: 'malformed' }));
    },
  );

  test('by words before the greeting ends it', () => {
    const tcpcopy = new SealedEnd('tcpcopy', [key]);
    const intercept = new SealedEnd('intercept', [key]);
    heardBy(intercept, tcpcopy.takeUnsent());
    heardBy(tcpcopy, intercept.takeUnsent());
    const record = recordOf(new Sealer(key.secret), 'welcome');
    expect(() => heardBy(tcpcopy, record)).toThrow(expect.objectContaining({ code: 'too-early' }));
  });
});
