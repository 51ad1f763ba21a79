/**
 * Docker has this machine's firewall drop, on an internal network's bridge, what has an address of another network: also
 * what a router of the topology has let on, and copies, which have their clients' addresses.
 */
import type { Topology } from '../../topology/types';
import { routedNetworks } from '../../topology/ways';
import type { PlanStep } from '../step';

/** Nothing leaves the bridge by it. @param bridge device of this machine */
export const forwardingRule = (bridge: string): string[] => [
  ...['DOCKER-USER', '-i', bridge, '-o', bridge],
  ...['-m', 'comment', '--comment', 'tcpcopy-lab', '-j', 'ACCEPT'],
];

export function forwardingSteps(topology: Topology): PlanStep[] {
  const networks = routedNetworks(topology);
  if (networks.length === 0) return [];
  return [
    {
      id: 'forwarding',
      title: `this machine's firewall: what is routed passes within the networks ${networks.join(', ')}`,
      action: { kind: 'forwarding', networks },
      needs: networks.map((network) => `network:${network}`),
      checks: [],
      undo: [],
    },
  ];
}
