import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

let folder: string;
const program = (): string => join(folder, 'tcpcopy.mjs');
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'));
  buildSync({
    stdin: {
      contents: `import { watchOutput } from './src/process/output';
watchOutput('a program');
process.exitCode = 1;
setTimeout(() => process.stdout.write('x'.repeat(1_000_000), () => process.stderr.write('at its end\\n')), 200);`,
      resolveDir: join(import.meta.dirname, '../../..'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program(),
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (shell: string) => spawnSync('bash', ['-c', shell], { encoding: 'utf8' });

describe('what a program prints', () => {
  test('to a reader who is gone stops nothing, and changes no exit status', () => {
    const { stdout, stderr } = run(`${process.execPath} ${program()} | true; echo \${PIPESTATUS[0]}`);
    expect([stdout, stderr]).toEqual(['1\n', 'at its end\n']);
  });

  test('on a full disk is told in a line, and by a status of its own', () => {
    const { status, stderr } = run(`${process.execPath} ${program()} > /dev/full`);
    expect(stderr).toContain('a program: standard output cannot be written: ENOSPC');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  });
});
