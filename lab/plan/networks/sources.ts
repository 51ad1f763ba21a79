/** Networks that let no foreign source pass: each node on one drops what another sends under an address that it does not have. */
import type { Topology, TopologyNode } from '../../topology/types';
import { footholdsOf } from '../../topology/ways';
import { placedId } from './networks';
import type { PlanStep } from '../step';

const WITHIN_MS = 5_000;

export const sourceSteps = (topology: Topology): PlanStep[] =>
  Object.entries(topology.networks).flatMap(([network, { ownSourcesOnly }]) =>
    ownSourcesOnly ? Object.keys(topology.nodes).flatMap((name) => stepsOn(topology, network, name)) : [],
  );

function stepsOn(topology: Topology, network: string, name: string): PlanStep[] {
  const [address] = addressesOn(topology.nodes[name]!, network);
  if (address === undefined) return [];
  // A router lets on what is others'; clouds except them as well.
  const others = Object.entries(topology.nodes).filter(
    ([other, { role }]) => other !== name && role !== 'router',
  );
  const peers = others.flatMap(([, node]) => {
    const own = addressesOn(node, network);
    return own.length === 0
      ? []
      : [[...own, ...(node.sources === undefined ? [] : [node.sources])].join(',')];
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

/** Of IPv4 first; none where the node is not on it. */
function addressesOn(node: TopologyNode, network: string): string[] {
  const foothold = footholdsOf(node).find((one) => one.network === network);
  return foothold ? [foothold.address, foothold.address6].filter((address) => address !== undefined) : [];
}
