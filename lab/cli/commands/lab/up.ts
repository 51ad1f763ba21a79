import type { Command } from 'commander';
import { resolve } from 'node:path';
import { isLabName, labNameForm } from '../../../engine/docker/names';
import { parseSubnet } from '../../../topology/addresses';
import { machinesIn } from '../../../topology/machines';
import type { Topology } from '../../../topology/types';
import { agree } from './agree';
import { card } from '../../terminal/card';
import { componentsChosen, componentsOption, type ComponentsOptions } from '../../options/components';
import { flavourOption } from '../../options/flavour';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, printJson, tell, told } from '../../terminal/output';
import { defaultTopology, loadTopology } from '../../options/topology-source';
import { UsageError } from '../../options/usage-error';

interface UpOptions extends ComponentsOptions {
  readonly name?: string;
  readonly bare?: boolean;
  readonly subnet?: string;
  readonly json?: boolean;
  readonly initSwarm?: boolean;
  readonly yes?: boolean;
  readonly package?: string;
}

export function registerUp(program: Command): void {
  program
    .command('up')
    .description('Start a lab: nodes, servers and the copy. On a running lab it changes nothing.')
    .argument('[topology]', 'a shipped topology, or a .ts or .json file', defaultTopology)
    .option('--name <name>', "the lab's name (default: the topology's)")
    .option('--bare', 'nodes and servers only; the copy is then set up by hand')
    .addOption(componentsOption())
    .addOption(flavourOption('which command lines these take (default: as their versions tell)'))
    .option('--subnet <cidr>', 'move the network to this subnet of 198.18.0.0/15')
    .option('--init-swarm', 'bring engines into a swarm that are in none; they leave it with the lab')
    .option(
      '--yes',
      'agree to what is done on machines that are nodes, which is printed, without being asked',
    )
    .option('--package <file>', 'what machines are given: the programs of this .tar.gz of `make dist`')
    .option('--json', 'print the lab as JSON instead of a card')
    .addHelpText('after', '\nExample:\n  lab up traditional-redis --name cache')
    .action(async (source: string, options: UpOptions) => {
      if (options.name !== undefined && !isLabName(options.name))
        throw new UsageError(`${options.name} cannot be a lab's name.`, labNameForm);
      if (options.subnet !== undefined && !parseSubnet(options.subnet)) {
        throw new UsageError(
          `${options.subnet} is not a subnet.`,
          'Write it as CIDR, for example 198.18.40.0/24.',
        );
      }
      const components = componentsChosen(options);
      const started_ms = performance.now();
      const signal = abortOnSignals();
      const [topology, { assertEngineAnswers, engines, HERE }, { findLabs }, { up }] = await Promise.all([
        loadTopology(source),
        import('../../../engine/docker/connection'),
        import('../../../engine/labs/find'),
        import('../../../engine/up'),
      ]);
      if (options.package !== undefined && machinesIn(topology).size === 0)
        throw new UsageError(
          `No node of ${source} is a machine that could be given a package.`,
          'Leave --package out; --components gives nodes in containers other programs.',
        );
      await assertEngineAnswers();
      const { name, bare: wanted, subnet } = options;
      const { lab, bare, alreadyRunning } = await up(topology, {
        ...(name === undefined ? {} : { name }),
        ...(subnet === undefined ? {} : { subnet }),
        ...(components && { components }),
        bare: wanted ?? false,
        initSwarm: options.initSwarm ?? false,
        ...(options.package !== undefined && { release: resolve(options.package) }),
        agreeTo: (lines) => agree(lines, options.yes ?? false, signal),
        progress: told,
        signal,
      });
      if (alreadyRunning) await refuseAnother(lab.name, topology, source, signal);
      const labs = await findLabs();
      const found = labs.find((one) => one.name === lab.name);
      if (options.json) {
        printJson({
          name: lab.name,
          bare,
          alreadyRunning,
          components: found?.components,
          topology: lab.topology,
        });
        return;
      }
      const took = ((performance.now() - started_ms) / 1000).toFixed(1);
      tell(
        alreadyRunning
          ? `Lab ${lab.name} is running already; nothing was changed.`
          : `Lab ${lab.name} is up (${took} s).`,
      );
      const [first] = engines();
      print(
        card(lab.name, lab.topology, {
          bare,
          components: found?.components,
          alone: labs.length === 1,
          engine: first!.name === HERE ? undefined : `${first!.name}=${first!.address}`,
        }),
      );
    });
}

/** What runs under the name is not what is asked for. */
async function refuseAnother(
  name: string,
  topology: Topology,
  source: string,
  signal: AbortSignal,
): Promise<void> {
  const [{ apply }, { differenceLines, isEmpty }] = await Promise.all([
    import('../../../engine/apply'),
    import('../../../plan/change/difference'),
  ]);
  const difference = await apply(name, topology, { progress: told, signal, dryRun: true, inPlace: true });
  if (isEmpty(difference)) return;
  const lines = differenceLines(difference);
  throw new UsageError(
    `Lab ${name} is running already, and differs from ${source}: ${lines[0]}${lines.length > 1 ? ', …' : ''}.`,
    `lab apply ${source} --name ${name} changes it; lab up --name <another> starts another.`,
  );
}
