import type { Command } from 'commander';
import { changedValueLine } from '../../../plan/change/changed-values';
import { differenceLines, isEmpty, type Difference } from '../../../plan/change/difference';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, printJson, tell, told } from '../../terminal/output';
import { loadTopology } from '../../options/topology-source';
import { UsageError } from '../../options/usage-error';

interface ApplyOptions {
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerApply(program: Command): void {
  program
    .command('apply')
    .description(
      'Change a running lab to a changed topology: print what differs, carry it out, undo it on failure.',
    )
    .argument('<topology>', 'a shipped topology, or a .ts or .json file')
    .option('--name <name>', 'the lab (default: the only one)')
    .option('--dry-run', 'print what differs, and change nothing')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  lab apply topologies/two-clients.ts --dry-run')
    .action(async (source: string, options: ApplyOptions) => {
      const signal = abortOnSignals();
      const topology = await loadTopology(source);
      const [{ assertEngineAnswers }, { findLab }, { apply }] = await Promise.all([
        import('../../../engine/docker/connection'),
        import('../../../engine/labs/find'),
        import('../../../engine/apply'),
      ]);
      await assertEngineAnswers();
      const { name } = await findLab(options.name);
      refuseAnother(topology.name, name, options.name);
      const difference = await apply(name, topology, {
        progress: told,
        signal,
        dryRun: options.dryRun ?? false,
        onDifference: (found) => tellDifference(found, options.json ?? false),
      });
      if (options.dryRun || isEmpty(difference)) return;
      tell(`Lab ${name} is changed.`);
    });
}

/** A file of another lab, where nobody has said which lab is meant. */
function refuseAnother(written: string, running: string, meant: string | undefined): void {
  if (meant !== undefined || written === running) return;
  throw new UsageError(
    `The topology is called ${written}, and the lab that is running ${running}.`,
    `Say --name ${running} if it is to be changed to this topology; else lab up.`,
  );
}

function tellDifference(difference: Difference, json: boolean): void {
  const lines = differenceLines(difference);
  if (json) printJson(lines);
  else if (isEmpty(difference)) print('Nothing differs.');
  else print([...lines, ...difference.values.map(changedValueLine)].join('\n'));
}
