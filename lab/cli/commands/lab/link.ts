import type { Command } from 'commander';
import type { TopologyLink } from '../../../topology/types';
import { faultsOfLink } from '../../../topology/rules/links';
import { tell } from '../../terminal/output';
import { UsageError } from '../../options/usage-error';

interface LinkOptions {
  readonly name?: string;
  readonly restore?: boolean;
  readonly loss?: string;
  readonly rateMbit?: string;
  readonly delayMs?: string;
  readonly reorder?: string;
  readonly seed?: string;
}

export function registerLink(program: Command): void {
  program
    .command('link')
    .description('Impair a network of a running lab, in the place of what impaired it before.')
    .argument('<network>', 'for example lan')
    .option('--loss <percent>', 'of the packets that come to each node, exactly so many of each 1,000')
    .option('--rate-mbit <rate>', 'what each node can send, in Mbit/s')
    .option('--delay-ms <time>', 'how much longer each packet takes')
    .option('--reorder <percent>', 'of what is to be delayed that is not')
    .option('--seed <number>', 'which packets are lost, and which overtake (default: 1)')
    .option('--restore', 'as the topology has it')
    .option('--name <name>', 'the lab (default: the only one)')
    .addHelpText('after', '\nExample:\n  lab link lan --loss 5 --delay-ms 20\n  lab link lan --restore')
    .action(async (network: string, options: LinkOptions) => {
      const link = options.restore ? undefined : linkFrom(options);
      const [{ assertEngineAnswers }, { findLab }, { setLink }] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/labs/find'),
        import('../../../engine/links'),
      ]);
      await assertEngineAnswers();
      const lab = await findLab(options.name);
      await setLink(lab, network, link);
      tell(`Network ${network} of lab ${lab.name} is ${link ? 'impaired' : 'as its topology has it'}.`);
    });
}

/** @throws UsageError when they impair nothing, or cannot be had anywhere */
export function linkFrom({ loss, rateMbit, delayMs, reorder, seed }: LinkOptions): TopologyLink {
  const given = { loss, rate_mbit: rateMbit, delay_ms: delayMs, reorder, seed };
  const link = Object.fromEntries(
    Object.entries(given).flatMap(([name, text]) => (text === undefined ? [] : [[name, numberIn(text)]])),
  ) as TopologyLink;
  const [fault] = faultsOfLink(link, 'link');
  if (fault) throw new UsageError(`${fault.place}: ${fault.message}.`, fault.mend);
  return link;
}

const numberIn = (text: string): number => (text.trim() === '' ? NaN : Number(text));
