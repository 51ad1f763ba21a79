/** What is kept between two commands: files of this user's state, as the XDG base directory specification places them. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { z } from 'zod';

/** `$XDG_STATE_HOME/tcpcopy-lab`, or `~/.local/state/tcpcopy-lab`. */
export function stateFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const given = environment['XDG_STATE_HOME'];
  // Relative ones are to be ignored.
  const base = given?.startsWith('/') ? given : join(homedir(), '.local/state');
  return join(base, 'tcpcopy-lab');
}

/** A file that cannot be understood is never overwritten: somebody's progress may be in it. */
export class KeptFileError extends Error {
  readonly code = 'KEPT_FILE_UNUSABLE';

  constructor(
    file: string,
    reason: string,
    readonly mend: string,
  ) {
    super(`${file} cannot be used: ${reason}`);
    this.name = 'KeptFileError';
  }
}

/** @returns undefined when there is no such file @throws KeptFileError */
export async function readKept<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeptFileError(file, (error as Error).message, 'Give it to this user, or set XDG_STATE_HOME.');
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new KeptFileError(
    file,
    'it is not what this version writes.',
    `Move it away: mv ${file} ${file}.old`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Wholly, or not at all. */
export async function keep(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, `${JSON.stringify(value, null, 2)}\n`);
  await rename(beside, file);
}
