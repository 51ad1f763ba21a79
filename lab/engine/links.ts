/** What impairs the networks of a running lab: asked of its nodes, and changed there. */
import { linkCommands, linkOptions } from '../plan/networks/links';
import type { NodeCommand } from '../plan/step';
import type { TopologyLink } from '../topology/types';
import { containerOf } from './labs/containers';
import { LabError } from './docker/errors';
import { exec } from './commands/exec';
import type { FoundLab } from './labs/find';

export interface LinkStatus {
  readonly network: string;
  readonly node: string;
  /** As `lab link` takes it: `--loss 5 --seed 1`. */
  readonly impaired: string;
}

/** `lab-link` ends so where the kernel lacks what it would take. */
const NOT_TO_BE_HAD = 3;
const NONE = 'none';

/** Those that are impaired now; of nodes that do not run there is nothing to be told. */
export async function linksOf(lab: FoundLab): Promise<LinkStatus[]> {
  const { networks } = lab.topology;
  const own = Object.keys(networks).filter((name) => networks[name]!.device === undefined);
  const asked = own.flatMap((network) =>
    linkCommands(lab.topology, network, []).map(async (command) => {
      const { exitCode, stdout } = await runIn(lab, command).catch(() => ({ exitCode: 1, stdout: '' }));
      const impaired = stdout.toString().trim();
      return exitCode === 0 && impaired !== NONE ? [{ network, node: command.node, impaired }] : [];
    }),
  );
  return (await Promise.all(asked)).flat();
}

/**
 * Impairs a network in the place of what impaired it before; without a link, as the topology has it. Where it fails at one of
 * its nodes, all of them are as the topology has them.
 */
export async function setLink(lab: FoundLab, network: string, link?: TopologyLink): Promise<void> {
  if (!Object.hasOwn(lab.topology.networks, network))
    throw new LabError(
      'NETWORK_UNKNOWN',
      `Lab ${lab.name} has no network named ${network}.`,
      `It has: ${Object.keys(lab.topology.networks).join(', ')}.`,
    );
  if (lab.topology.networks[network]!.device !== undefined)
    throw new LabError(
      'LINK_UNAVAILABLE',
      `Network ${network} is its machines' own, and the lab impairs none of these.`,
      'Use a lab without machines.',
    );
  const planned = lab.topology.links?.[network];
  const wanted = link ?? planned;
  try {
    await setAll(lab, linkCommands(lab.topology, network, optionsFor(wanted)));
  } catch (failure) {
    await setAll(lab, linkCommands(lab.topology, network, optionsFor(planned))).catch(() => undefined);
    throw failure;
  }
}

const optionsFor = (link: TopologyLink | undefined): string[] => (link ? linkOptions(link) : ['--restore']);

async function setAll(lab: FoundLab, commands: readonly NodeCommand[]): Promise<void> {
  const outcomes = await Promise.all(
    commands.map(async (command) => ({ command, ...(await runIn(lab, command)) })),
  );
  const failed = outcomes.find(({ exitCode }) => exitCode !== 0);
  if (!failed) return;
  const said = failed.stderr.toString().trim();
  throw new LabError(
    failed.exitCode === NOT_TO_BE_HAD ? 'LINK_UNAVAILABLE' : 'STEP_FAILED',
    `\`${failed.command.argv.join(' ')}\` on ${failed.command.node}: ${said}`,
    failed.exitCode === NOT_TO_BE_HAD
      ? 'Leave delay_ms out, or use a kernel with sch_netem or nfnetlink_queue.'
      : undefined,
  );
}

const runIn = async (lab: FoundLab, { node, argv }: NodeCommand) => exec(containerOf(lab, node), argv);
