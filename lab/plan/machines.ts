/** What is done on machines that are nodes: what the lab brings there, and all of it in lines, to be agreed to before. */
import { machineOf, machinesIn } from '../topology/machines';
import type { OnMachine, Topology, TopologyNode } from '../topology/types';
import type { Plan, PlanStep } from './step';
import { teardownOf } from './teardown';
import { quoted } from './words';

/** All that the lab writes on a machine stands in it: programs, logs, captures. As nodes in containers have it. */
export const machineFolder = '/opt/tcpcopy-lab';

/** Where a node's captures are recorded. */
export const scratchOf = (node: TopologyNode): string => (machineOf(node) ? `${machineFolder}/tmp` : '/tmp');

/** Words of pgrep(1) and pkill(1): of a machine not the processes in its containers, which may be nodes of others. */
export const ownProcesses = (node: TopologyNode): string[] =>
  machineOf(node) ? ['--ns', '1', '--nslist', 'pid'] : [];

/** The log of tcpcopy or intercept on a node. */
export const logOf = (node: TopologyNode | undefined, program: string): string =>
  node && machineOf(node) ? `${machineFolder}/log/${program}.log` : `/var/log/${program}.log`;

/** @param witness a node in a container: what is left of a lab is known by its containers */
export function machineStep(
  name: string,
  node: TopologyNode,
  { ssh, device }: OnMachine,
  witness: string | undefined,
): PlanStep {
  const title = `machine ${name} (${node.role}, ${node.address} on ${device}, ${ssh})`;
  return {
    id: `node:${name}`,
    title,
    action: { kind: 'machine', node: name },
    needs: [`network:${node.network}`, ...(witness === undefined ? [] : [`node:${witness}`])],
    checks: [],
    undo: [{ title, kind: 'machine', node: name }],
  };
}

export const machineWords = {
  up: ({ ssh, device }: OnMachine, { address }: TopologyNode): string =>
    `by ssh ${ssh}, as root: look whether ${device} has ${address}; bring the programs of the lab into ${machineFolder}, which must not be there`,
  down: ({ ssh }: OnMachine): string =>
    `by ssh ${ssh}, as root: end what the lab has started there, and remove ${machineFolder}`,
} as const;

/** Everything that happens on the machines of a topology; nothing where there are none. */
export function machineLines(topology: Topology, plan: Plan): string[] {
  return [...machinesIn(topology)].flatMap(([name, machine]) => {
    const node = topology.nodes[name]!;
    const done = plan.steps.flatMap(({ action }) => {
      if (action.kind === 'machine') return action.node === name ? [machineWords.up(machine, node)] : [];
      return action.kind === 'command' && action.node === name ? [quoted(action.argv)] : [];
    });
    const undone = teardownOf(plan).flatMap((undo) => {
      if (undo.kind === 'machine') return undo.node === name ? [machineWords.down(machine)] : [];
      return undo.kind === 'command' && undo.node === name ? [quoted(undo.argv)] : [];
    });
    return [
      `${name} is ${machine.ssh} (${node.address} on ${machine.device})`,
      ...done.map((line) => `  up      ${line}`),
      `  verify  tcpdump on ${machine.device} and all other devices; rules that count, without a target, in the tables raw and mangle, until it ends`,
      ...undone.map((line) => `  down    ${line}`),
    ];
  });
}
