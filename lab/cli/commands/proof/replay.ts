import type { Command } from 'commander';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, printJson, tell, told } from '../../terminal/output';
import { loadTopology } from '../../options/topology-source';
import { readCapture } from '../../options/read-capture';
import { UsageError } from '../../options/usage-error';

interface ReplayOptions {
  readonly name?: string;
  readonly json?: boolean;
}

const LAB_NAME = 'replay';

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('Play a capture in an offline lab, and prove that all of it arrived and nothing leaked.')
    .argument('<file>', 'pcap or pcapng, as it is or compressed with gzip')
    .argument('[options...]', 'further options of tcpcopy, after --')
    .option(
      '--name <name>',
      'a running lab with an offline copy (default: one that is started, and removed again)',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  lab replay online.pcap -- -a 10')
    .action(async (file: string, tcpcopy: string[], options: ReplayOptions) => {
      const signal = abortOnSignals();
      const capture = await readCapture(file);
      const [
        { assertEngineAnswers },
        { openLab },
        { findLabs },
        { up },
        { downIfThere },
        { replayInLab },
        text,
      ] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/running/running-lab'),
        import('../../../engine/labs/find'),
        import('../../../engine/up'),
        import('../../../engine/down'),
        import('../../../verify/replay-lab'),
        import('../../../report/replay-text'),
      ]);
      await assertEngineAnswers();
      const started = options.name === undefined;
      if (started && (await findLabs()).some(({ name }) => name === LAB_NAME))
        throw new UsageError(
          `There is a lab ${LAB_NAME} already.`,
          `Use it with --name ${LAB_NAME}, or lab down.`,
        );
      const lab = started
        ? (
            await up(await loadTopology('offline'), {
              name: LAB_NAME,
              anywhere: true,
              progress: told,
              signal,
            })
          ).lab
        : await openLab(options.name);
      try {
        tell(`Playing ${file} on ${lab.name}'s test server.`);
        const result = await replayInLab(lab, capture, { tcpcopy, signal });
        if (options.json) printJson(result);
        else print(text.replayAsText(result));
        if (result.verdict === 'fail') process.exitCode = 1;
      } finally {
        if (started) await downIfThere(LAB_NAME, told);
      }
    });
}
