import type { Command } from 'commander';
import { forwardedSignals } from '../terminal/interrupt';

/** Where the programs of a node write, in the order in which they are shown. */
const logFiles = [
  '/var/log/tcpcopy.log',
  '/var/log/intercept.log',
  '/var/log/nginx/error.log',
  '/var/log/nginx/access.log',
  '/var/log/redis.log',
];

export function registerLogs(program: Command): void {
  program
    .command('logs')
    .description('Print the logs of a node: tcpcopy or intercept, and its server.')
    .argument('<node>', 'for example test')
    .option('--name <name>', 'the lab (default: the only one)')
    .option('-n, --lines <count>', 'the last lines of each log', '100')
    .option('-f, --follow', 'go on as they grow')
    .addHelpText('after', '\nExample:\n  lab logs test -f')
    .action(async (node: string, options: { name?: string; lines: string; follow?: boolean }) => {
      const [{ assertEngineAnswers }, { findLab }, { containerOf }, { execStreaming }] = await Promise.all([
        import('../../engine/docker/connection'),
        import('../../engine/labs/find'),
        import('../../engine/labs/containers'),
        import('../../engine/nodes/exec-streaming'),
      ]);
      await assertEngineAnswers();
      const container = containerOf(await findLab(options.name), node);
      const tail = ['tail', '-n', options.lines, ...(options.follow ? ['-F'] : [])];
      // Only logs that exist: a node has a few of these.
      const script = `for f in ${logFiles.join(' ')}; do [ -e "$f" ] && set -- "$@" "$f"; done; exec "$@"`;
      const { stdout, stderr } = process;
      const argv = ['/bin/sh', '-c', script, 'sh', ...tail];
      process.exitCode = await execStreaming(container, argv, { stdout, stderr }, forwardedSignals());
    });
}
