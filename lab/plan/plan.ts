/** The plan of a topology: networks, nodes and servers first, then for each copy guard, intercept and tcpcopy. */
import type { Topology, TopologyNode } from '../topology/types';
import { copySteps } from './copy';
import { serverStep } from './servers';
import type { Plan, PlanStep } from './step';

export interface PlanOptions {
  /** Nodes and servers only; the copy is then set up by hand. */
  readonly bare?: boolean;
}

/** A topology that is sound, but that no plan can be made for yet. */
export class PlanError extends Error {
  readonly code = 'ARCHITECTURE_UNSUPPORTED';

  constructor(
    message: string,
    readonly mend: string,
  ) {
    super(message);
    this.name = 'PlanError';
  }
}

/** `topology` must be valid. */
export function planFor(topology: Topology, options: PlanOptions = {}): Plan {
  if (topology.copies.some(({ architecture }) => architecture === 'data-link')) {
    throw new PlanError(
      `Topology ${topology.name} has a data-link copy; only traditional copies can be set up so far.`,
      'Make its copies traditional, or remove them and set the copy up by hand.',
    );
  }
  const nodes = Object.entries(topology.nodes);
  const steps = [
    ...Object.entries(topology.networks).map(([name, { subnet }]) => networkStep(name, subnet)),
    ...nodes.map(([name, node]) => nodeStep(name, node)),
    ...nodes.flatMap(([name, { server }]) => (server ? [serverStep(name, server)] : [])),
    ...(options.bare ? [] : topology.copies.flatMap((copy) => copySteps(topology, copy))),
  ];
  return { topology: topology.name, steps };
}

function networkStep(name: string, subnet: string): PlanStep {
  const title = `network ${name} (${subnet}, internal)`;
  return {
    id: `network:${name}`,
    title,
    action: { kind: 'network', network: name },
    needs: [],
    checks: [],
    undo: [{ title, kind: 'network', network: name }],
  };
}

function nodeStep(name: string, { role, network, address }: TopologyNode): PlanStep {
  const title = `node ${name} (${role}, ${address})`;
  return {
    id: `node:${name}`,
    title,
    action: { kind: 'node', node: name },
    needs: [`network:${network}`],
    checks: [],
    undo: [{ title, kind: 'node', node: name }],
  };
}
