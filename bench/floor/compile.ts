/** The C program, compiled by this machine's compiler: it must run in nodes whose libraries are other ones. */
import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../stage/bench-error';

/** @returns the program; linked statically, it needs no libraries */
export async function compileFloor(compiler = 'cc'): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-floor-'));
  const program = join(folder, 'floor');
  const source = join(import.meta.dirname, 'floor.c');
  try {
    const { exitCode, code, stderr } = await execa(compiler, ['-O2', '-static', '-o', program, source], {
      reject: false,
    });
    if (exitCode === 0) return await readFile(program);
    throw new BenchError(
      'NO_COMPILER',
      code === 'ENOENT'
        ? `There is no C compiler: ${compiler} was not found.`
        : `${compiler} failed: ${stderr.trim()}`,
      'The floor is a C program. Debian has a compiler and a static libc in: apt-get install gcc libc6-dev',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
