/** A terminal in which a lesson is done: its own words, and commands of the shell. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { tell } from './output';

export interface Words {
  readonly check: () => Promise<void>;
  readonly hint: () => Promise<void>;
}

/** Resolves at `quit`, or at the end of the input. What goes wrong in a word is told, and does not end it. */
export async function talk(prompt: string, words: Words): Promise<void> {
  // Ctrl-C is for the command that runs; nothing is left to be removed here.
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', () => undefined);
  for (;;) {
    const line = (await ask(`\n${prompt}`))?.trim();
    if (line === undefined || line === 'quit') return;
    if (line === 'check' || line === 'hint') await words[line]().catch(tellFailure);
    else if (line !== '') await shell(line);
  }
}

/** An interface for each line: between them the terminal belongs to the commands. */
async function ask(prompt: string): Promise<string | undefined> {
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const ended = once(asking, 'close').then(() => undefined);
  asking.once('SIGINT', () => asking.close());
  try {
    return await Promise.race([asking.question(prompt), ended]);
  } finally {
    asking.close();
  }
}

async function shell(line: string): Promise<void> {
  const command = spawn('/bin/sh', ['-c', line], { stdio: 'inherit' });
  await once(command, 'close');
}

function tellFailure(error: unknown): void {
  const { message, mend } = error as Error & { mend?: string };
  tell(`lab: ${message}`);
  if (mend !== undefined) tell(`  ${mend}`);
}
