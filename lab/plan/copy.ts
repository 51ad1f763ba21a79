/** The steps of one copy. The order is the seed document's: guard, then intercept, then tcpcopy. */
import type { Topology, TopologyCopy } from '../topology/types';
import { hasEnded, isConnected, listens, programPattern, queueIsBound, ruleIsFirst, runs } from './checks';
import type { Check, PlanStep } from './step';

/** Where intercept listens for tcpcopy. */
export const controlPort = 36524;

/** The queue that a rule without `--queue-num` uses. */
const queue = 0;

export function copySteps(topology: Topology, copy: TopologyCopy): PlanStep[] {
  const online = { name: copy.from, ...topology.nodes[copy.from]! };
  const test = { name: copy.to, ...topology.nodes[copy.to]! };
  const onlinePort = online.server!.port;
  const testPort = test.server!.port;
  const rule = ['OUTPUT', '-p', 'tcp', '--sport', String(testPort), '-j', 'NFQUEUE'];
  const stopProgram = (node: string, program: 'tcpcopy' | 'intercept') =>
    ({
      title: `stop ${program} on ${node}`,
      kind: 'command',
      node,
      argv: ['pkill', '-TERM', '-f', programPattern(program)],
      checks: [hasEnded(node, program)],
    }) as const;

  const guard: PlanStep = {
    id: `guard:${test.name}`,
    title: `guard on ${test.name}: responses from port ${testPort} go to queue ${queue}`,
    action: { kind: 'command', node: test.name, argv: ['iptables', '-I', ...rule] },
    needs: [`node:${test.name}`],
    checks: [ruleIsFirst(test.name, testPort)],
    undo: [
      {
        title: `remove the guard on ${test.name}`,
        kind: 'command',
        node: test.name,
        argv: ['iptables', '-D', ...rule],
        checks: [],
      },
    ],
  };
  const intercept: PlanStep = {
    id: `intercept:${test.name}`,
    title: `intercept on ${test.name}`,
    action: {
      kind: 'command',
      node: test.name,
      argv: ['intercept', '-x', online.address, '-b', test.address, ...(copy.intercept ?? []), '-d'],
    },
    needs: [guard.id],
    checks: [runs(test.name, 'intercept'), queueIsBound(test.name, queue), listens(test.name, controlPort)],
    undo: [stopProgram(test.name, 'intercept')],
  };
  const tcpcopy: PlanStep = {
    id: `tcpcopy:${online.name}`,
    title: `tcpcopy on ${online.name}: port ${onlinePort} to ${test.name}:${testPort}`,
    action: {
      kind: 'command',
      node: online.name,
      argv: [
        'tcpcopy',
        '-x',
        `${onlinePort}-${test.address}:${testPort}`,
        '-s',
        online.address,
        ...(copy.tcpcopy ?? []),
        '-d',
      ],
    },
    needs: [intercept.id, `server:${online.name}`, `server:${test.name}`],
    checks: [runs(online.name, 'tcpcopy'), isConnected(online.name, controlPort)],
    undo: [
      stopProgram(online.name, 'tcpcopy'),
      {
        // A copied connection that outlived its tcpcopy would send its answers again as soon as the guard is gone.
        title: `end copied connections left on ${test.name}`,
        kind: 'command',
        node: test.name,
        argv: ['ss', '-K', '-tnH', 'state', 'connected', ...copied(testPort, online.address)],
        checks: [noCopiedConnection(test.name, testPort, online.address)],
      },
    ],
  };
  return [guard, intercept, tcpcopy];
}

/** Everything on the copied port but what the online server itself, which is on the passlist, has open there. */
function copied(port: number, passed: string): string[] {
  return ['(', `sport = :${port}`, 'and', 'not', 'dst', passed, ')'];
}

function noCopiedConnection(node: string, port: number, passed: string): Check {
  return {
    holds: `${node} has no copied connection any more`,
    node,
    argv: ['ss', '-tnH', 'state', 'connected', 'exclude', 'time-wait', ...copied(port, passed)],
    expect: { silent: true },
    within_ms: 5_000,
  };
}
