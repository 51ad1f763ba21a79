import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyFile, readKeyFile } from '../../../src/control/key-file';
import { drawKey, formatKeys, parseKeys } from '../../../src/control/sealed/key';

const keys = [drawKey(new Date('2026-11-30')), drawKey(new Date('2026-12-01'))];
const TEXT = formatKeys(keys);
const SECRET = 'c'.repeat(43);

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('the text of a key file', () => {
  test('brings keys back in their order, each with at least 32 bytes', () => {
    expect(parseKeys(TEXT)).toEqual({ keys, faults: [] });
    expect(keys.map(({ secret }) => secret.length)).toEqual([32, 32]);
    expect(keys[0]!.id).toMatch(/^2026-11-30-[0-9a-f]{4}$/);
  });

  test('may be written by a person: comments, blank lines, either form of base64', () => {
    const { secret } = keys[0]!;
    const text = `# ours\r\n\r\n  a   ${Buffer.from(secret).toString('base64')}\r\n`;
    expect(parseKeys(text)).toEqual({ keys: [{ id: 'a', secret }], faults: [] });
  });

  test.each([
    ['there is no key', '', 1],
    ['there is no key', '# nothing\n', 1],
    ['a line is an id and a key', `\n${SECRET}\n`, 2],
    ['a line is an id and a key', `a ${SECRET} b\n`, 1],
    ['an id has at most', `a/b ${SECRET}\n`, 1],
    ['the id a stands here twice', `a ${SECRET}\na ${'d'.repeat(43)}\n`, 2],
    ['the key a is no base64', `a ${'!'.repeat(43)}\n`, 1],
    ['the key a has 31 bytes', `a ${'c'.repeat(42)}\n`, 1],
    ['the key a has 257 bytes', `a ${Buffer.alloc(257, 1).toString('base64url')}\n`, 1],
    ['b and a are the same key', `a ${SECRET}\nb ${SECRET}\n`, 2],
  ])('says "%s", and where', (why, text, line) => {
    const [fault] = parseKeys(text).faults;
    expect(fault).toEqual({ line, why: expect.stringContaining(why) });
    expect(fault!.why).not.toContain(SECRET);
  });

  test('has at most 16 keys', () => {
    const many = Array.from({ length: 17 }, (_, index) => ({ ...drawKey(new Date()), id: `${index}` }));
    expect(parseKeys(formatKeys(many)).faults[0]!.why).toContain('at most 16');
  });
});

describe('a key file', () => {
  const written = (mode: number): string => {
    const path = join(folder, 'key');
    writeFileSync(path, TEXT);
    chmodSync(path, mode);
    return path;
  };

  test('is made for its owner alone, and never written over', () => {
    const path = join(folder, 'key');
    createKeyFile(path, TEXT);
    expect(statSync(path).mode & 0o7777).toBe(0o600);
    expect(readKeyFile(path)).toEqual(keys);
    expect(() => createKeyFile(path, '')).toThrow('is not written over');
    expect(readFileSync(path, 'utf8')).toBe(TEXT);
  });

  test('is not made where a link leads', () => {
    const [path, target] = [join(folder, 'key'), join(folder, 'target')];
    symlinkSync(target, path);
    expect(() => createKeyFile(path, TEXT)).toThrow('is there already');
    expect(() => statSync(target)).toThrow('ENOENT');
  });

  test.each([0o600, 0o400])('of mode %o is read', (mode) => {
    expect(readKeyFile(written(mode))).toEqual(keys);
  });

  test.each([0o640, 0o604, 0o620, 0o700, 0o4600])('of mode %o is refused, with what mends it', (mode) => {
    const path = written(mode);
    expect(() => readKeyFile(path)).toThrow(`chmod 600 ${path}`);
  });

  test('that is a link is refused, wherever it leads', () => {
    const link = join(folder, 'link');
    symlinkSync(written(0o600), link);
    expect(() => readKeyFile(link)).toThrow('links are not followed');
  });

  test('that is no file, or not there, is refused, and nobody waits for it', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect(() => readKeyFile(pipe)).toThrow('is no file');
    expect(() => readKeyFile(folder)).toThrow('is no file');
    expect(() => readKeyFile(join(folder, 'none'))).toThrow(`tcpcopy keygen ${join(folder, 'none')}`);
  });

  (process.geteuid?.() === 0 ? test : test.skip)('that is another user’s is refused', () => {
    const path = written(0o600);
    chownSync(path, 4711, 4711);
    expect(() => readKeyFile(path)).toThrow('belongs to user 4711');
  });

  test('says the line of what is wrong in it, and nothing of the key', () => {
    const path = join(folder, 'key');
    createKeyFile(path, `${TEXT}short ${SECRET.slice(1)}\n`);
    expect(() => readKeyFile(path)).toThrow(`key file ${path}, line 5: the key short has 31 bytes`);
  });
});
