/** Asks once whether something may be done on machines of the user's. */
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../options/usage-error';
import { tell } from '../../terminal/output';

/** Where somebody sits. */
interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * @param lines what will be done there, which are told
 * @param isAgreed nobody is asked
 * @param signal aborts at SIGINT, which Ctrl-C is again while a line is read
 * @returns false also where the terminal is closed, or the input ends (Ctrl-D)
 * @throws UsageError where nobody could answer, and the signal's reason
 */
export async function agree(
  lines: readonly string[],
  isAgreed: boolean,
  signal: AbortSignal,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  tell(['On machines that are nodes:', ...lines.map((line) => `  ${line}`)].join('\n'));
  if (isAgreed) return true;
  if (!input.isTTY)
    throw new UsageError(
      'Nothing was done: this has to be agreed to, and there is no terminal to ask at.',
      'Say --yes, if all of it may be done.',
    );
  const asking = createInterface({ input, output, terminal: true });
  asking.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = new Promise<string>((resolve) => asking.once('close', () => resolve('')));
  const answer = asking.question('Do this? [y/N] ', { signal }).catch(() => {
    signal.throwIfAborted();
    return '';
  });
  try {
    return /^y(es)?$/i.test((await Promise.race([answer, closed])).trim());
  } finally {
    asking.close();
  }
}
