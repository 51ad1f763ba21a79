import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { readKeyFile } from '../../../src/control/key-file';
import { parseKeys } from '../../../src/control/sealed/key';
import { runKeygen } from '../../../src/tcpcopy/keygen';

let folder: string;
let said: { out: string; error: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'));
  said = { out: '', error: '' };
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.error += String(text)), true));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = undefined;
});

describe('tcpcopy keygen', () => {
  test('prints a key file, another each time', () => {
    runKeygen([]);
    const first = said.out;
    said.out = '';
    runKeygen([]);
    expect(said.out).not.toBe(first);
    expect(parseKeys(first)).toMatchObject({ keys: [{ secret: expect.any(Uint8Array) }], faults: [] });
  });

  test('makes a file that both programs take, and prints nothing of it', () => {
    const path = join(folder, 'key');
    runKeygen([path]);
    expect(readKeyFile(path)).toHaveLength(1);
    expect(said).toEqual({ out: '', error: '' });
  });

  test('leaves a file that is there as it is, and ends with status 1', () => {
    const path = join(folder, 'key');
    runKeygen([path]);
    const text = readFileSync(path, 'utf8');
    runKeygen([path]);
    expect([process.exitCode, said.error]).toEqual([1, expect.stringContaining('is not written over')]);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test.each([[['a', 'b']], [['-x']]])('is called wrongly by %j, and ends with status 2', (argv) => {
    runKeygen(argv);
    expect([process.exitCode, said.out]).toEqual([2, '']);
  });
});
