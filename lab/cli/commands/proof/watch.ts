import type { Command } from 'commander';
import { spawn } from 'node:child_process';
import { wholeNumber } from '../../options/whole-number';
import { forwardedSignals } from '../../terminal/interrupt';
import { loadTopology, scenarioTopologies } from '../../options/topology-source';
import { print, tell } from '../../terminal/output';

interface WatchOptions {
  readonly port?: string;
  readonly open?: boolean;
}

export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description(
      'Show a running lab in a browser: packets, guard, counters, shells; scenarios and lessons beside it; until Ctrl-C.',
    )
    .argument('[lab]', 'the lab (default: the only one)')
    .option('--port <number>', 'where the page is served on 127.0.0.1 (default: any free port)')
    .option('--open', 'open it in the browser')
    .addHelpText('after', '\nExample:\n  lab watch --open')
    .action(async (name: string | undefined, options: WatchOptions) => {
      const port = wholeNumber('--port', options.port, 1, 65_535) ?? 0;
      const signal = forwardedSignals();
      const [{ assertEngineAnswers }, { openLab }, { openWatch }, { scenarios }, topologies] =
        await Promise.all([
          import('../../../engine/docker/connection'),
          import('../../../engine/running/running-lab'),
          import('../../../web/watch'),
          import('../../../scenarios/catalogue/all'),
          scenarioTopologies(),
        ]);
      await assertEngineAnswers();
      const lab = await openLab(name);
      const watch = await openWatch(lab, { scenarios, topologies, topologyOf: loadTopology }, port);
      try {
        print(`${lab.name}: ${watch.url}`);
        tell('The address holds a token: whoever has it has the lab, with shells in its nodes. Ctrl-C ends.');
        if (options.open) open(watch.url);
        const ended = await Promise.race([aborted(signal), watch.gone]);
        if (ended !== 'aborted') tell(`Lab ${lab.name} is there no more.`);
      } finally {
        await watch.close();
      }
    });
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}

/** The address is printed as well, for where there is no browser. */
function open(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.once('error', () => tell(`${opener} is not there; open the address yourself.`));
  child.unref();
}
