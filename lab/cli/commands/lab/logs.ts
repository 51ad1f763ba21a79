import type { Command } from 'commander';
import { forwardedSignals } from '../../terminal/interrupt';
import { tell } from '../../terminal/output';
import { wholeNumber } from '../../options/whole-number';

/** Where the servers of a node write, behind tcpcopy and intercept, in the order in which they are shown. */
const logFiles = ['/var/log/nginx/error.log', '/var/log/nginx/access.log', '/var/log/redis.log'];

interface LogsOptions {
  readonly name?: string;
  readonly in?: string;
  readonly lines: string;
  readonly follow?: boolean;
}

const LINES_MAX = 1_000_000;

export function registerLogs(program: Command): void {
  program
    .command('logs')
    .description(
      'Print the logs of a node: tcpcopy or intercept, its server, and containers of yours that serve there.',
    )
    .argument('<node>', 'for example test')
    .option('--name <name>', 'the lab (default: the only one)')
    .option('--in <service>', 'of this container of yours only')
    .option('-n, --lines <count>', 'the last lines of each log', '100')
    .option('-f, --follow', 'go on as they grow')
    .addHelpText('after', '\nExample:\n  lab logs test -f')
    .action(async (node: string, options: LogsOptions) => {
      const lines = wholeNumber('--lines', options.lines, 0, LINES_MAX)!;
      const [
        { assertEngineAnswers },
        { findLab },
        { serviceContainerOf },
        { bodyOf },
        { logOf },
        { servicesOf },
        streaming,
        logs,
      ] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/labs/find'),
        import('../../../engine/labs/containers'),
        import('../../../engine/commands/body'),
        import('../../../plan/machines'),
        import('../../../plan/services'),
        import('../../../engine/commands/exec-streaming'),
        import('../../../engine/services/logs'),
      ]);
      await assertEngineAnswers();
      const lab = await findLab(options.name);
      const body = bodyOf(lab, node);
      const ofPrograms = ['tcpcopy', 'intercept'].map((name) => logOf(lab.topology.nodes[node], name));
      const services = servicesOf(lab.topology).filter((one) => one.node === node);
      const chosen = options.in === undefined ? services.map(({ service }) => service) : [options.in];
      const signal = forwardedSignals();
      const follow = options.follow ?? false;
      const ofServices = chosen.map((service) => async () => {
        const found = serviceContainerOf(lab, node, service);
        if (options.in === undefined) tell(`==> ${service} of ${node} <==`);
        if (follow) await logs.followLogs(found, lines, process, signal);
        else await logs.writeLogs(found, lines, process);
      });
      const ofNode = async () => {
        const tail = ['tail', '-n', String(lines), ...(follow ? ['-F'] : [])];
        // Only logs that exist: a node has a few of these.
        const script = `for f in ${[...ofPrograms, ...logFiles].join(' ')}; do [ -e "$f" ] && set -- "$@" "$f"; done; exec "$@"`;
        const { stdout, stderr } = process;
        const argv = ['/bin/sh', '-c', script, 'sh', ...tail];
        process.exitCode = await streaming.execStreaming(body, argv, { stdout, stderr }, signal);
      };
      const all = [...(options.in === undefined ? [ofNode] : []), ...ofServices];
      if (follow) await Promise.all(all.map((print) => print()));
      else for (const print of all) await print();
    });
}
