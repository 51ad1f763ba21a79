import type { Command } from 'commander';
import { reasonOf } from '../../../engine/docker/errors';
import { print, printJson, table } from '../../terminal/output';
import { loadTopology, shippedNames } from '../../options/topology-source';

export function registerList(program: Command): void {
  program
    .command('list')
    .description('List the topologies that are shipped, and the labs that run.')
    .option('--json', 'print both as JSON')
    .addHelpText('after', '\nExample:\n  lab list')
    .action(async (options: { json?: boolean }) => {
      const topologies = await Promise.all(shippedNames().map(loadTopology));
      const labs = await runningLabs();
      if (options.json) {
        printJson({
          topologies: topologies.map(({ name, description }) => ({ name, description })),
          labs: Array.isArray(labs) ? labs : [],
        });
        return;
      }
      print('Topologies');
      print(table(topologies.map(({ name, description }) => [`  ${name}`, description])));
      print('\nLabs');
      if (!Array.isArray(labs)) print(`  ${labs}`);
      else if (labs.length === 0) print('  none is running');
      else print(table(labs.map(({ name, topology, nodes }) => [`  ${name}`, topology, `${nodes} nodes`])));
    });
}

/** The topologies can be listed without an engine; then the reason stands in the place of the labs. */
async function runningLabs(): Promise<
  { name: string; topology: string; bare: boolean; nodes: number }[] | string
> {
  const [{ assertSomeEngineAnswers }, { findLabs }] = await Promise.all([
    import('../../../engine/docker/connection'),
    import('../../../engine/labs/find'),
  ]);
  try {
    await assertSomeEngineAnswers();
  } catch (failure) {
    return reasonOf(failure);
  }
  return (await findLabs()).map(({ name, topology, bare }) => ({
    name,
    topology: topology.name,
    bare,
    nodes: Object.keys(topology.nodes).length,
  }));
}
