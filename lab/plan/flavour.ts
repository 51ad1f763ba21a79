/** Builds of tcpcopy and intercept that take different command lines: ours, and the C original before and since 1.0. */
import { machineOf } from '../topology/machines';
import type { Topology, TopologyCopy, TopologyNode } from '../topology/types';
import { logOf, machineFolder } from './machines';

export const flavours = ['ours', '0.9', '1.x'] as const;
export type Flavour = (typeof flavours)[number];

type Architecture = TopologyCopy['architecture'];

/** Of the original, a build is for one architecture; the other one takes other command lines. */
export const architecturesOf: Readonly<Record<Flavour, readonly Architecture[]>> = {
  ours: ['traditional', 'data-link', 'offline'],
  '0.9': ['traditional'],
  '1.x': ['data-link'],
};

/** Architectures of the topology's copies that the flavour is not for. */
export function unusableIn(topology: Topology, flavour: Flavour): Architecture[] {
  const wanted = new Set(topology.copies.map(({ architecture }) => architecture));
  return [...wanted].filter((architecture) => !architecturesOf[flavour].includes(architecture));
}

/** The original does not say when it is ready: by then it is. */
export const FOREIGN_START_MS = 1_000;

/** @param said by a program that was asked for its version (`-v`); undefined when it says nothing that we know */
export function flavourSaid(said: string): Flavour | undefined {
  const original = /^(?:tcpcopy|intercept) version: ?([01])\./m.exec(said)?.[1];
  if (original !== undefined) return original === '0' ? '0.9' : '1.x';
  return /^(?:tcpcopy|intercept) \d+\.\d+/m.test(said) ? 'ours' : undefined;
}

/**
 * How a program is sent to the background. The original writes its log and PID file beside where it was installed, if
 * it is not told otherwise, and a node's root is read-only; on a machine, nothing is written outside of the lab's folder.
 */
export function inBackground(
  flavour: Flavour,
  program: 'tcpcopy' | 'intercept',
  node?: TopologyNode,
): string[] {
  const isMachine = node !== undefined && machineOf(node) !== undefined;
  if (flavour === 'ours' && !isMachine) return ['-d'];
  const run = isMachine ? `${machineFolder}/run` : '/run';
  return ['-l', logOf(node, program), '-P', `${run}/${program}.pid`, '-d'];
}

/** The original keeps the answers to what the test server asks itself, too, and nobody could look into it from there. */
export const passlistOption = (flavour: Flavour, passlist: readonly string[]): string[] => [
  '-x',
  [...passlist, ...(flavour === 'ours' ? [] : ['127.0.0.1'])].join(','),
];

/** The original before 1.0 asks the test server for intercept, and has no `-s`. */
export const serverOption = (flavour: Flavour, server: string): string[] =>
  flavour === '0.9' ? [] : ['-s', server];
