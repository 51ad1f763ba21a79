/** Copies from a capture: the guard and intercept are the plan's, recording and playing are done by hand. */
import type { Topology, TopologyCopy } from '../../topology/types';
import type { Check, ManualStep, PlanStep } from '../step';
import { named } from '../parts';
import { traditionalSteps } from './traditional';

const capture = 'online.pcap';

export function offlineSteps(topology: Topology, copies: readonly TopologyCopy[]): PlanStep[] {
  const [copy] = copies as readonly [TopologyCopy];
  const test = named(topology, copy.to);
  const [guard, intercept] = traditionalSteps(topology, copies, 'ours').steps as readonly [
    PlanStep,
    PlanStep,
  ];
  const route: PlanStep = {
    id: `route:${test.name}`,
    title: `route on ${test.name}: responses to clients that are not here end on it`,
    // Without any route there would be no response that the guard could take.
    action: { kind: 'command', node: test.name, argv: ['ip', 'route', 'replace', 'default', 'dev', 'lo'] },
    needs: [`node:${test.name}`],
    checks: [defaultEndsOn(test.name)],
    undo: [],
  };
  return [
    route,
    guard,
    {
      ...intercept,
      action: { kind: 'command', node: test.name, argv: ['intercept', ...(copy.intercept ?? []), '-d'] },
      needs: [guard.id, route.id],
    },
  ];
}

/** What a person does with a copy from a capture, once the lab is up. */
export function offlineByHand(topology: Topology, copy: TopologyCopy): ManualStep[] {
  const online = named(topology, copy.from);
  const test = named(topology, copy.to);
  const transfer = `${online.server!.port}-${test.address}:${test.server!.port}`;
  const filter = ['tcp', 'and', 'port', String(online.server!.port)];
  return [
    {
      title: `record on ${online.name} while clients use it, until Ctrl-C`,
      node: online.name,
      argv: ['tcpdump', '-i', 'eth0', ...filter, '-s', '0', '-w', `/tmp/${capture}`],
    },
    { title: `copy /tmp/${capture} from ${online.name} to ${test.name}` },
    {
      title: `play it on ${test.name}`,
      node: test.name,
      argv: ['tcpcopy', '-i', `/tmp/${capture}`, '-x', transfer, ...(copy.tcpcopy ?? [])],
    },
  ];
}

/** An address that no lab has (RFC 5737). */
function defaultEndsOn(node: string): Check {
  return {
    holds: `packets of ${node} to addresses that are not here end on it`,
    node,
    argv: ['ip', 'route', 'get', '203.0.113.1'],
    expect: { stdout: ' dev lo ' },
    within_ms: 5_000,
  };
}
