/** The traditional guard: responses go to a queue on the test server itself, where intercept drops them. */
import type { Family } from '../../topology/addresses';
import { copiedAddressesOf, familiesOf } from '../../topology/families';
import type { Topology, TopologyCopy } from '../../topology/types';
import { addressesOf } from '../../topology/ways';
import { endsOn, listens, queueIsBound, ruleIsFirst, runs } from '../checks';
import { DISCARD_ONLY, iptablesOf } from '../families';
import { inBackground, passlistOption, type Flavour } from '../flavour';
import {
  buryCopies,
  controlPort,
  named,
  removeRoute,
  stopProgram,
  type Guarding,
  type NamedNode,
} from '../parts';
import type { PlanStep } from '../step';
import { workersOf } from './given';

/** The queue that a rule without `--queue-num` uses, and with workers the first of theirs; they are enough for both families. */
const firstQueue = 0;

export function traditionalSteps(
  topology: Topology,
  copies: readonly TopologyCopy[],
  flavour: Flavour,
): Guarding {
  const [copy] = copies as readonly [TopologyCopy];
  const online = named(topology, copy.from);
  const test = named(topology, copy.to);
  const families = familiesOf(topology, copy);
  // No other build knows of `--guard`.
  const isByHand = copy.guard !== 'intercept' || flavour !== 'ours';
  const workers = flavour === 'ours' ? workersOf(copy) : 1;
  const each = Array.from({ length: workers ?? 1 }, (_, worker) => worker);
  const guards = [
    ...(isByHand ? families.map((family) => guardStep(test, family, families.length > 1, workers ?? 1)) : []),
    ...(families.includes(6) ? [discardStep(test)] : []),
  ];
  const listening = copiedAddressesOf(topology, copy, copy.to);
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
          // Where it is asked for by several addresses, it listens on all.
          ...(listening.length > 1 ? [] : ['-b', ...listening]),
          ...(isByHand ? [] : ['--guard', String(test.server!.port)]),
          ...(copy.intercept ?? []),
        ],
        ...inBackground(flavour, 'intercept', test),
      ],
    },
    needs: [...guards.map(({ id }) => id), ...(isByHand ? [] : mayBeCaught(test))],
    checks: [
      runs(test, 'intercept'),
      ...each.flatMap((worker) => [
        queueIsBound(test.name, firstQueue + worker),
        listens(test.name, controlPort + worker),
      ]),
      ...(isByHand
        ? []
        : families.map((family) => ruleIsFirst(test.name, test.server!.port, family, workers))),
    ],
    undo: [buryCopies(topology, copies), stopProgram(test, 'intercept')],
  };
  return {
    steps: [...guards, intercept],
    intercepts: [intercept.id],
    server: () => copiedAddressesOf(topology, copy, copy.from)[0]!,
  };
}

/** The rule catches what the server says to this node itself as well, which may be asked until it is ready. */
const mayBeCaught = ({ name, server }: NamedNode): string[] => [
  `node:${name}`,
  ...(server!.kind === 'service' ? [`server:${name}`] : []),
];

function guardStep(test: NamedNode, family: Family, isOneOfTwo: boolean, workers: number): PlanStep {
  const { name, server } = test;
  const last = firstQueue + workers - 1;
  const [queues, balance] =
    workers === 1
      ? [`queue ${firstQueue}`, []]
      : [`queues ${firstQueue} to ${last}`, ['--queue-balance', `${firstQueue}:${last}`]];
  const rule = ['OUTPUT', '-p', 'tcp', '--sport', String(server!.port), '-j', 'NFQUEUE', ...balance];
  const iptables = iptablesOf(family);
  const of = isOneOfTwo ? `IPv${family} ` : '';
  return {
    id: `guard:${name}${family === 6 ? ':6' : ''}`,
    title: `guard on ${name}: ${of}responses from port ${server!.port} go to ${queues}`,
    action: { kind: 'command', node: name, argv: [iptables, '-I', ...rule] },
    needs: mayBeCaught(test),
    checks: [ruleIsFirst(name, server!.port, family, workers)],
    undo: [
      {
        title: `remove the guard on ${name}${isOneOfTwo ? ` (IPv${family})` : ''}`,
        kind: 'command',
        node: name,
        argv: [iptables, '-D', ...rule],
        checks: [],
      },
    ],
  };
}

/** IPv6 sends nothing that it has no route for, and the proof of the guard goes to an address that nobody has. */
function discardStep({ name }: NamedNode): PlanStep {
  const route = [DISCARD_ONLY, 'dev', 'lo'];
  return {
    id: `guard:${name}:discard`,
    title: `route on ${name}: what is sent to ${DISCARD_ONLY}, as the proof of the guard, ends on it`,
    action: { kind: 'command', node: name, argv: ['ip', 'route', 'add', ...route] },
    needs: [`node:${name}`],
    checks: [endsOn(name, DISCARD_ONLY)],
    undo: [removeRoute(`remove the route to ${DISCARD_ONLY} on ${name}`, name, route)],
  };
}
