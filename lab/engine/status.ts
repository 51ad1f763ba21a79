/** What is left, and what holds, of a lab. Changes nothing. */
import { planFor } from '../plan/plan';
import { meets } from './check';
import { exec } from './nodes/exec';
import type { FoundLab } from './labs/find';
import { labels, type Components } from './docker/labels';

export interface NodeStatus {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  /** The container's: `running`, `exited`, …; `missing` when there is none. */
  readonly state: string;
}

export interface LabStatus {
  readonly name: string;
  readonly topology: string;
  readonly bare: boolean;
  /** The programs that it has in the place of ours. */
  readonly components?: Components;
  readonly nodes: readonly NodeStatus[];
  /** The checks of its plan, asked once. */
  readonly checks: readonly { readonly step: string; readonly holds: string; readonly passed: boolean }[];
}

export async function statusOf(lab: FoundLab): Promise<LabStatus> {
  const containerOf = (node: string) => lab.containers.find(({ Labels }) => Labels[labels.node] === node);
  const nodes = Object.entries(lab.topology.nodes).map(([name, { role, address }]) => ({
    name,
    role,
    address,
    state: containerOf(name)?.State ?? 'missing',
  }));
  const { bare, components } = lab;
  const flavour = components?.flavour ?? 'ours';
  const asked = planFor(lab.topology, { bare, flavour }).steps.flatMap((step) =>
    step.checks.map(async (check) => {
      const container = containerOf(check.node);
      const passed =
        container?.State === 'running' && meets(await exec(container.Id, check.argv), check.expect);
      return { step: step.id, holds: check.holds, passed };
    }),
  );
  return {
    name: lab.name,
    topology: lab.topology.name,
    bare,
    ...(components && { components }),
    nodes,
    checks: await Promise.all(asked),
  };
}
