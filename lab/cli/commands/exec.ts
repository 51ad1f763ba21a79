import type { Command } from 'commander';
import { fstatSync } from 'node:fs';
import { forwardedSignals } from '../terminal/interrupt';

export function registerExec(program: Command): void {
  program
    .command('exec')
    .description('Run a command in a node; its output, input and exit status are passed through.')
    .argument('<node>', 'for example client')
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--name <name>', 'the lab (default: the only one)')
    .passThroughOptions()
    .addHelpText('after', '\nExample:\n  lab exec client -- curl -s http://online/x')
    .action(async (nodeName: string, command: string[], options: { name?: string }) => {
      const [{ assertEngineAnswers }, { findLab }, { containerOf }, { execStreaming }] = await Promise.all([
        import('../../engine/docker/connection'),
        import('../../engine/labs/find'),
        import('../../engine/labs/containers'),
        import('../../engine/nodes/exec-streaming'),
      ]);
      await assertEngineAnswers();
      const container = containerOf(await findLab(options.name), nodeName);
      const argv = command[0] === '--' ? command.slice(1) : command;
      const tty = process.stdin.isTTY && process.stdout.isTTY;
      if (tty) process.stdin.setRawMode(true);
      try {
        const { stdout, stderr } = process;
        const stdin = tty || isPiped() ? { stdin: process.stdin } : {};
        const streams = { stdout, stderr, tty, ...stdin };
        process.exitCode = await execStreaming(container, argv, streams, forwardedSignals());
      } finally {
        if (tty) process.stdin.setRawMode(false);
        // An input that nobody ends would keep this process alive.
        process.stdin.destroy();
      }
    });
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
