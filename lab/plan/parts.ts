/** What the steps of both architectures are made of. */
import type { Topology, TopologyCopy } from '../topology/types';
import { addressesOf } from '../topology/ways';
import { copiedConnections, ownCopiesOf } from './copies/own-copies';
import { hasEnded, noCopiedConnection, programPattern, type NamedNode } from './checks';
import { ownProcesses } from './machines';
import type { PlanStep, Undo } from './step';

/** Where intercept listens for tcpcopy. */
export const controlPort = 36524;

export type { NamedNode };

/** What guards one test server: its steps, and who hears its responses. */
export interface Guarding {
  readonly steps: readonly PlanStep[];
  /** Ids of the steps that start an intercept. */
  readonly intercepts: readonly string[];
  /** What tcpcopy is given behind `-s`. */
  readonly server: (online: NamedNode) => string;
}

export const named = ({ nodes }: Topology, name: string): NamedNode => ({ name, ...nodes[name]! });

/** Of a black hole: worse than that of any route which is given none. */
export const BLACK_HOLE_METRIC = 4096;

export const removeRoute = (title: string, node: string, route: readonly string[]): Undo => ({
  title,
  kind: 'command',
  node,
  argv: ['ip', 'route', 'del', ...route],
  checks: [],
});

export function stopProgram(node: NamedNode, program: 'tcpcopy' | 'intercept'): Undo {
  return {
    title: `stop ${program} on ${node.name}`,
    kind: 'command',
    node: node.name,
    argv: ['pkill', '-TERM', ...ownProcesses(node), '-f', programPattern(program)],
    checks: [hasEnded(node, program)],
  };
}

/**
 * A copied connection that outlived its tcpcopy would send its answers again as soon as the guard is gone. Only what the
 * online servers themselves have open there stays.
 */
export function buryCopies(topology: Topology, copies: readonly TopologyCopy[]): Undo {
  const test = named(topology, copies[0]!.to);
  const passed = copies.flatMap(({ from }) => addressesOf(topology.nodes[from]!));
  const copied = copiedConnections(test.server!.port, passed, ownCopiesOf(copies));
  return {
    title: `end copied connections left on ${test.name}`,
    kind: 'command',
    node: test.name,
    argv: ['ss', '-K', '-tnH', 'state', 'connected', ...copied],
    checks: [noCopiedConnection(test.name, copied)],
  };
}
