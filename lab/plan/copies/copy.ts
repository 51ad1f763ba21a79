/** The steps of the copies to one test server. The order is the seed document's: guard, then intercept, then tcpcopy. */
import type { Topology, TopologyCopy } from '../../topology/types';
import { isConnected, runs } from '../checks';
import { dataLinkSteps } from './data-link';
import { inBackground, serverOption, type Flavour } from '../flavour';
import { offlineSteps } from './offline';
import { controlPort, named, stopProgram, type Guarding } from '../parts';
import type { PlanStep } from '../step';
import { traditionalSteps } from './traditional';
import { transferOf } from './transfer';

/**
 * @param copies those to the same test server
 * @param flavour one that can be used in their architecture
 */
export function copySteps(
  topology: Topology,
  copies: readonly TopologyCopy[],
  flavour: Flavour = 'ours',
): PlanStep[] {
  const [{ architecture }] = copies as readonly [TopologyCopy];
  if (architecture === 'offline') return offlineSteps(topology, copies);
  const guard = architecture === 'traditional' ? traditionalSteps : dataLinkSteps;
  const guarding = guard(topology, copies, flavour);
  return [...guarding.steps, ...copies.map((copy) => tcpcopyStep(topology, copy, guarding, flavour))];
}

function tcpcopyStep(
  topology: Topology,
  copy: TopologyCopy,
  { intercepts, server }: Guarding,
  flavour: Flavour,
): PlanStep {
  const online = named(topology, copy.from);
  const test = named(topology, copy.to);
  const background = inBackground(flavour, 'tcpcopy', online);
  const transfer = transferOf(topology, copy);
  return {
    id: `tcpcopy:${online.name}`,
    title: `tcpcopy on ${online.name}: port ${online.server!.port} to ${test.name}:${test.server!.port}`,
    action: {
      kind: 'command',
      node: online.name,
      argv: [
        ...['tcpcopy', '-x', transfer, ...serverOption(flavour, server(online))],
        ...[...(copy.tcpcopy ?? []), ...background],
      ],
    },
    needs: [...intercepts, `server:${online.name}`, `server:${test.name}`],
    checks: [runs(online, 'tcpcopy'), isConnected(online.name, controlPort, intercepts.length)],
    undo: [stopProgram(online, 'tcpcopy')],
  };
}
