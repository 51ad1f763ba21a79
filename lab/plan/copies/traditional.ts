/** The traditional guard: responses go to a queue on the test server itself, where intercept drops them. */
import type { Topology, TopologyCopy } from '../../topology/types';
import { listens, queueIsBound, ruleIsFirst, runs } from '../checks';
import { inBackground, passlistOption, type Flavour } from '../flavour';
import { addressesOf, buryCopies, controlPort, named, stopProgram, type Guarding } from '../parts';
import type { PlanStep } from '../step';

/** The queue that a rule without `--queue-num` uses. */
const queue = 0;

export function traditionalSteps(
  topology: Topology,
  copies: readonly TopologyCopy[],
  flavour: Flavour,
): Guarding {
  const [copy] = copies as readonly [TopologyCopy];
  const online = named(topology, copy.from);
  const test = named(topology, copy.to);
  const testPort = test.server!.port;
  const rule = ['OUTPUT', '-p', 'tcp', '--sport', String(testPort), '-j', 'NFQUEUE'];
  const guard: PlanStep = {
    id: `guard:${test.name}`,
    title: `guard on ${test.name}: responses from port ${testPort} go to queue ${queue}`,
    action: { kind: 'command', node: test.name, argv: ['iptables', '-I', ...rule] },
    // It catches what the server says to this node itself as well, which may be asked until it is ready.
    needs: [`node:${test.name}`, ...(test.server!.kind === 'service' ? [`server:${test.name}`] : [])],
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
      argv: [
        ...[
          'intercept',
          ...passlistOption(flavour, addressesOf(online)),
          '-b',
          test.address,
          ...(copy.intercept ?? []),
        ],
        ...inBackground(flavour, 'intercept'),
      ],
    },
    needs: [guard.id],
    checks: [runs(test.name, 'intercept'), queueIsBound(test.name, queue), listens(test.name, controlPort)],
    undo: [buryCopies(topology, copies), stopProgram(test.name, 'intercept')],
  };
  return { steps: [guard, intercept], intercepts: [intercept.id], server: ({ address }) => address };
}
