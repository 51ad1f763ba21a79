import type { Command } from 'commander';
import { planFor } from '../plan/plan';
import { renderPlan } from '../plan/render';
import { teardownOf } from '../plan/teardown';
import { print, printJson } from './output';
import { defaultTopology, loadTopology } from './topology-source';

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('Print what `up` would do, step by step, without doing it.')
    .argument('[topology]', 'a shipped topology, or a .ts or .json file', defaultTopology)
    .option('--bare', 'nodes and servers only')
    .option('--json', 'print the plan as JSON')
    .addHelpText('after', '\nExample:\n  lab plan traditional')
    .action(async (source: string, options: { bare?: boolean; json?: boolean }) => {
      const topology = await loadTopology(source);
      const plan = planFor(topology, { bare: options.bare ?? false });
      if (options.json) printJson({ ...plan, teardown: teardownOf(plan) });
      else print(renderPlan(topology, plan));
    });
}
