/** Asks the system: runs a command, or reads a file. What cannot be asked is an answer too. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

const LONGEST_MS = 10_000;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

export type Answer =
  | { readonly kind: 'said'; readonly text: string }
  /** @property reason what it wrote to standard error */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not-installed' };

export const ask = (command: string, ...argv: readonly string[]): Promise<Answer> =>
  askWith(undefined, command, ...argv);

/** @param input what it reads from standard input */
export function askWith(
  input: string | undefined,
  command: string,
  ...argv: readonly string[]
): Promise<Answer> {
  // Tools of the system may stand where only root looks.
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const options = {
    timeout: LONGEST_MS,
    maxBuffer: OUTPUT_MAX_BYTES,
    env: { ...process.env, PATH, LC_ALL: 'C' },
  };
  return new Promise((resolve) => {
    const { stdin } = execFile(command, argv, options, (error, stdout, stderr) => {
      if (!error) resolve({ kind: 'said', text: stdout });
      else if (error.code === 'ENOENT') resolve({ kind: 'not-installed' });
      else resolve({ kind: 'failed', reason: stderr.trim() || error.message });
    });
    // One that ended before it read everything says so by its status.
    stdin?.on('error', () => undefined).end(input);
  });
}

/** The text, or undefined where there was none. */
export const textOf = (answer: Answer): string | undefined =>
  answer.kind === 'said' ? answer.text : undefined;

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
