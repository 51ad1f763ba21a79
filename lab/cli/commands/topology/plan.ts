import type { Command } from 'commander';
import type { Flavour } from '../../../plan/flavour';
import { placedOn } from '../../../plan/placement';
import { planFor } from '../../../plan/plan';
import { renderPlan } from '../../../plan/render';
import { teardownOf } from '../../../plan/teardown';
import { flavourOption } from '../../options/flavour';
import { print, printJson } from '../../terminal/output';
import { defaultTopology, loadTopology } from '../../options/topology-source';

interface PlanOptions {
  readonly bare?: boolean;
  readonly flavour: Flavour;
  readonly json?: boolean;
}

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('Print what `up` would do, step by step, without doing it.')
    .argument('[topology]', 'a shipped topology, or a .ts or .json file', defaultTopology)
    .option('--bare', 'nodes and servers only')
    .addOption(flavourOption('with the command lines of other programs').default('ours'))
    .option('--json', 'print the plan as JSON')
    .addHelpText('after', '\nExample:\n  lab plan traditional')
    .action(async (source: string, options: PlanOptions) => {
      const { flavour } = options;
      const [written, { engines }] = await Promise.all([
        loadTopology(source),
        import('../../../engine/docker/connection'),
      ]);
      const topology = placedOn(
        written,
        engines().map(({ name }) => name),
      );
      const { assertUsable } = await import('../../../engine/nodes/components');
      assertUsable(topology, flavour);
      const plan = planFor(topology, { bare: options.bare ?? false, flavour });
      if (options.json) printJson({ ...plan, teardown: teardownOf(plan) });
      else print(renderPlan(topology, plan));
    });
}
