/** Networks that let no foreign source pass: each node on one drops what another sends under an address that it does not have. */
import type { Topology, TopologyNode } from '../topology/types';
import { footholdsOf, type Foothold } from '../topology/ways';
import { placedId } from './networks';
import type { PlanStep } from './step';

const WITHIN_MS = 5_000;

export const sourceSteps = (topology: Topology): PlanStep[] =>
  Object.entries(topology.networks).flatMap(([network, { ownSourcesOnly }]) =>
    ownSourcesOnly ? Object.keys(topology.nodes).flatMap((name) => stepsOn(topology, network, name)) : [],
  );

function stepsOn(topology: Topology, network: string, name: string): PlanStep[] {
  const address = footholdOn(topology.nodes[name]!, network)?.address;
  if (address === undefined) return [];
  // A router lets on what is others'; clouds except them as well.
  const others = Object.entries(topology.nodes).filter(
    ([other, { role }]) => other !== name && role !== 'router',
  );
  const peers = others.flatMap(([, node]) => {
    const own = footholdOn(node, network);
    if (!own) return [];
    const further = [own.address6, node.sources].filter((one) => one !== undefined);
    return [[own.address, ...further].join(',')];
  });
  if (peers.length === 0) return [];
  return [
    {
      id: `sources:${network}:${name}`,
      title: `network ${network} at ${name}: nothing comes in under an address that its sender does not have`,
      action: { kind: 'command', node: name, argv: ['lab-sources', address, ...peers] },
      needs: Object.keys(topology.nodes).map((node) => placedId(topology, node)),
      checks: [
        {
          holds: `${name} holds the others on network ${network} to their own addresses`,
          node: name,
          argv: ['lab-sources', address],
          expect: { stdout: `^${peers.join(' ').replaceAll('.', '\\.')}$` },
          within_ms: WITHIN_MS,
        },
      ],
      undo: [
        {
          title: `let ${name} hear any address on network ${network} again`,
          kind: 'command',
          node: name,
          argv: ['lab-sources', address, '--restore'],
          checks: [],
        },
      ],
    },
  ];
}

const footholdOn = (node: TopologyNode, network: string): Foothold | undefined =>
  footholdsOf(node).find((foothold) => foothold.network === network);
