import type { Command } from 'commander';
import { fstatSync } from 'node:fs';
import { UsageError } from '../../options/usage-error';
import { forwardedSignals } from '../../terminal/interrupt';

interface ExecOptions {
  readonly name?: string;
  readonly in?: string;
}

export function registerExec(program: Command): void {
  program
    .command('exec')
    .description('Run a command in a node; its output, input and exit status are passed through.')
    .argument('<node>', 'for example client')
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--name <name>', 'the lab (default: the only one)')
    .option('--in <service>', 'in this container of yours, which serves there or stands beside it')
    .passThroughOptions()
    .addHelpText(
      'after',
      '\nExample:\n  lab exec client -- curl -s http://online/x\n  lab exec test --in web -- env',
    )
    .action(async (nodeName: string, words: string[], before: ExecOptions) => {
      const { command, options } = partedWords(words, before);
      const [{ assertEngineAnswers }, { findLab }, { serviceContainerOf }, { bodyOf }, { execStreaming }] =
        await Promise.all([
          import('../../../engine/docker/connection'),
          import('../../../engine/labs/find'),
          import('../../../engine/labs/containers'),
          import('../../../engine/commands/body'),
          import('../../../engine/commands/exec-streaming'),
        ]);
      await assertEngineAnswers();
      const lab = await findLab(options.name);
      const body =
        options.in === undefined ? bodyOf(lab, nodeName) : serviceContainerOf(lab, nodeName, options.in);
      const tty = process.stdin.isTTY && process.stdout.isTTY;
      if (tty) process.stdin.setRawMode(true);
      try {
        const { stdout, stderr } = process;
        const stdin = tty || isPiped() ? { stdin: process.stdin } : {};
        const streams = { stdout, stderr, tty, ...stdin };
        process.exitCode = await execStreaming(body, command, streams, forwardedSignals());
      } finally {
        if (tty) process.stdin.setRawMode(false);
        // An input that nobody ends would keep this process alive.
        process.stdin.destroy();
      }
    });
}

/** Options may stand behind the node as well; what begins with the first other word is the command. */
function partedWords(
  words: readonly string[],
  before: ExecOptions,
): { command: string[]; options: ExecOptions } {
  const [option, value, ...others] = words;
  if (value !== undefined && (option === '--in' || option === '--name'))
    return partedWords(others, { ...before, [option.slice(2)]: value });
  // They are used before a node is looked for.
  if (/^--engines?(=|$)/.test(option ?? ''))
    throw new UsageError(
      `${option} stands behind the node.`,
      'lab exec --engine b=ssh://ops@host-b client -- ss -tan',
    );
  const command = option === '--' ? words.slice(1) : [...words];
  if (command.length === 0) throw new UsageError('There is no command.', 'lab exec client -- ss -tan');
  return { command, options: before };
}

/** True when standard input is a pipe, a file or a socket, and not closed or /dev/null. */
function isPiped(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isFile() || stdin.isSocket();
  } catch {
    return false;
  }
}
