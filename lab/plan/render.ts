/** A plan for people to read before anything runs. */
import { enginesOn } from './placement';
import type { Topology, TopologyNetwork } from '../topology/types';
import { machineOf } from '../topology/machines';
import { forwardingRule } from './networks/forwarding';
import { machineWords } from './machines';
import { servicesOf, untilWords } from './services';
import type { Action, Check, ManualStep, Plan, Undo } from './step';
import { teardownOf } from './teardown';
import { quoted } from './words';

/** The steps, what each needs, the command lines, the checks, and the teardown. */
export function renderPlan(topology: Topology, plan: Plan): string {
  const numbers = new Map(plan.steps.map(({ id }, index) => [id, index + 1]));
  const lines = [`${topology.name}: ${topology.description}`, '', 'Up'];
  for (const { id, title, needs, action, checks } of plan.steps) {
    const after = needs.length > 0 ? ` (after ${needs.map((need) => numbers.get(need)).join(', ')})` : '';
    lines.push(`${String(numbers.get(id)).padStart(3)}. ${title}${after}`);
    lines.push(...commandLine(topology, action));
    lines.push(...checks.map(checkLine));
  }
  if (plan.byHand.length > 0) lines.push('', 'By hand', ...byHandLines(plan.byHand));
  lines.push('', 'Down');
  teardownOf(plan).forEach((undo, index) => {
    lines.push(`${String(index + 1).padStart(3)}. ${undo.kind === 'command' ? '' : 'remove '}${undo.title}`);
    lines.push(...undoLines(topology, undo));
  });
  return lines.join('\n');
}

/** What there is to do by hand, in two lines each where it is a command. */
export function byHandLines(steps: readonly ManualStep[]): string[] {
  return steps.flatMap(({ title, node, argv }, index) => [
    `${String(index + 1).padStart(3)}. ${title}`,
    ...(node !== undefined && argv ? [`       on ${node}: ${quoted(argv)}`] : []),
  ]);
}

/** @param engines that it spans; none where there is only one */
function networkWords(engines: readonly string[], { device }: TopologyNetwork): string {
  if (engines.length > 1) return `on ${engines.join(' and ')}: an internal overlay network of their swarm`;
  const kind = device === undefined ? 'an internal bridge network' : `a macvlan network on ${device}`;
  return `on ${engines[0] ?? 'the host'}: ${kind}`;
}

function commandLine(topology: Topology, action: Action): string[] {
  switch (action.kind) {
    case 'command':
      return [`       on ${action.node}: ${quoted(action.argv)}`];
    case 'network': {
      const network = topology.networks[action.network]!;
      return [
        `       ${networkWords(enginesOn(topology, action.network), network)}, ${subnetWords(network)}`,
      ];
    }
    case 'machine': {
      const node = topology.nodes[action.node]!;
      return [`       ${machineWords.up(machineOf(node)!, node)}`];
    }
    case 'forwarding':
      return [`       on the host, for each bridge: iptables -I ${quoted(forwardingRule('<bridge>'))}`];
    case 'node':
    case 'join':
    case 'holder':
    case 'introduce':
      return [];
    case 'service': {
      const { node, service } = action;
      const planned = servicesOf(topology).find((one) => one.node === node && one.service === service)!;
      return [`       ${untilWords(planned.until)}`];
    }
  }
}

const subnetWords = ({ subnet, subnet6 }: TopologyNetwork): string =>
  subnet6 === undefined ? `subnet ${subnet}` : `subnets ${subnet} and ${subnet6}`;

function checkLine(check: Check): string {
  return `       then ${check.holds}: ${quoted(check.argv)}`;
}

function undoLines({ nodes }: Topology, undo: Undo): string[] {
  if (undo.kind === 'machine') return [`       ${machineWords.down(machineOf(nodes[undo.node]!)!)}`];
  if (undo.kind !== 'command') return [];
  return [`       on ${undo.node}: ${quoted(undo.argv)}`, ...undo.checks.map(checkLine)];
}
