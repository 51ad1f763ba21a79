/** Asks once whether something may be done on machines of the user's. */
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../options/usage-error';
import { tell } from '../../terminal/output';

/**
 * @param lines what will be done there, which are told
 * @param isAgreed nobody is asked
 * @throws UsageError where nobody could answer
 */
export async function agree(lines: readonly string[], isAgreed: boolean): Promise<boolean> {
  tell(['On machines that are nodes:', ...lines.map((line) => `  ${line}`)].join('\n'));
  if (isAgreed) return true;
  if (!process.stdin.isTTY)
    throw new UsageError(
      'Nothing was done: this has to be agreed to, and there is no terminal to ask at.',
      'Say --yes, if all of it may be done.',
    );
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question('Do this? [y/N] ')).trim());
  } finally {
    asking.close();
  }
}
