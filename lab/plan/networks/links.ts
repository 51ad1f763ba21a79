/** What impairs a network: set on each node that is on it, by `lab-link` (images/sbin), which has the means. */
import type { Topology, TopologyLink } from '../../topology/types';
import { footholdsOf } from '../../topology/ways';
import { placedId } from './networks';
import type { NodeCommand, PlanStep } from '../step';

const WITHIN_MS = 5_000;

const OPTIONS = {
  loss: '--loss',
  rate_mbit: '--rate-mbit',
  delay_ms: '--delay-ms',
  reorder: '--reorder',
} as const;

/** As `lab-link` takes it, and prints it again. */
export function linkOptions(link: TopologyLink): string[] {
  const given = Object.entries(OPTIONS).flatMap(([name, option]) => {
    const value = link[name as keyof typeof OPTIONS];
    return value === undefined ? [] : [option, String(value)];
  });
  return link.loss === undefined && link.reorder === undefined
    ? given
    : [...given, '--seed', String(link.seed ?? 1)];
}

/** For people: `5 % loss (seed 1), 100 Mbit/s`. */
export function linkWords({ loss, rate_mbit, delay_ms, reorder, seed = 1 }: TopologyLink): string {
  return [
    ...(loss === undefined ? [] : [`${loss} % loss (seed ${seed})`]),
    ...(rate_mbit === undefined ? [] : [`${rate_mbit} Mbit/s`]),
    ...(delay_ms === undefined ? [] : [`${delay_ms} ms more`]),
    ...(reorder === undefined ? [] : [`${reorder} % out of order (seed ${seed})`]),
  ].join(', ');
}

/** Of each node on the network what is to be run; without a link, what asks for the one that there is. */
export function linkCommands(topology: Topology, network: string, options: readonly string[]): NodeCommand[] {
  return Object.entries(topology.nodes).flatMap(([node, placed]) =>
    footholdsOf(placed)
      .filter((foothold) => foothold.network === network)
      .map(({ address }) => ({ node, argv: ['lab-link', address, ...options] })),
  );
}

export function linkSteps(topology: Topology): PlanStep[] {
  return Object.entries(topology.links ?? {}).flatMap(([network, link]) => {
    const options = linkOptions(link);
    return linkCommands(topology, network, options).map(({ node, argv }): PlanStep => {
      const [program, address] = argv as [string, string];
      return {
        id: `link:${network}:${node}`,
        title: `link ${network} at ${node}: ${linkWords(link)}`,
        action: { kind: 'command', node, argv },
        needs: [placedId(topology, node)],
        checks: [
          {
            holds: `network ${network} has ${linkWords(link)} at ${node}`,
            node,
            argv: [program, address],
            expect: { stdout: `^${options.join(' ').replaceAll('.', '\\.')}$` },
            within_ms: WITHIN_MS,
          },
        ],
        undo: [
          {
            title: `restore link ${network} at ${node}`,
            kind: 'command',
            node,
            argv: [program, address, '--restore'],
            checks: [],
          },
        ],
      };
    });
  });
}
