import type { Command } from 'commander';
import { printJson, tell, told } from '../../terminal/output';

export function registerDown(program: Command): void {
  program
    .command('down')
    .description('Remove a lab, in the reversed order of its plan; also what a crash left.')
    .argument('[name]', 'the lab (default: the only one)')
    .option('--name <name>', 'the same, as an option')
    .option('--all', 'every lab')
    .option('--json', 'print the names of the removed labs as JSON')
    .addHelpText('after', '\nExample:\n  lab down --all')
    .action(
      async (argument: string | undefined, options: { name?: string; all?: boolean; json?: boolean }) => {
        const [{ assertSomeEngineAnswers }, { findLab, findLabs }, { down }] = await Promise.all([
          import('../../../engine/docker/connection'),
          import('../../../engine/labs/find'),
          import('../../../engine/down'),
        ]);
        await assertSomeEngineAnswers();
        const name = argument ?? options.name;
        const found = await findLabs();
        const labs =
          options.all || (found.length === 0 && name === undefined) ? found : [await findLab(name)];
        for (const lab of labs) await down(lab, told);
        const names = labs.map((lab) => lab.name);
        if (options.json) printJson({ removed: names });
        else
          tell(names.length > 0 ? `Removed: ${names.join(', ')}.` : 'No lab is running; nothing to remove.');
      },
    );
}
