/** What is left, and what holds, of a lab. Changes nothing. */
import { outsideCalls, recordIn, type OutsideCall } from '../fence/outside-call';
import { RECORD_FILE } from '../fence/place';
import { fencedPlaces, tellingOf } from '../plan/fence';
import { planFor } from '../plan/plan';
import { meets } from './check';
import { exec } from './commands/exec';
import type { FoundLab } from './labs/find';
import { labels, type Components } from './docker/labels';
import { linksOf, type LinkStatus } from './links';
import { machinesOf, type Machine } from './machines/machine';
import { takenBy } from './machines/take';
import { serviceStatesOf } from './services/states';

export interface NodeStatus {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  readonly address6?: string;
  /** Name of the engine that it is on, where there are several; or the machine, as ssh takes it. */
  readonly on?: string;
  /** The container's: `running`, `exited`, …; `missing` when there is none, `unreachable` where an engine does not answer. Of a machine the same. */
  readonly state: string;
}

/** Of a container of the user's. */
export interface ServiceStatus {
  readonly node: string;
  readonly name: string;
  /** Its own address, or its node's. */
  readonly address: string;
  readonly state: string;
  /** It runs, or has ended well where it was to end. */
  readonly isAsPlanned: boolean;
}

export interface LabStatus {
  readonly name: string;
  readonly topology: string;
  readonly bare: boolean;
  /** The programs that it has in the place of ours. */
  readonly components?: Components;
  readonly nodes: readonly NodeStatus[];
  readonly services: readonly ServiceStatus[];
  /** What impairs its networks now. */
  readonly links: readonly LinkStatus[];
  /** Calls to others than the test side, by its services: they went nowhere. Not those that the topology allows. */
  readonly outside: readonly OutsideCall[];
  /** The checks of its plan, asked once. */
  readonly checks: readonly { readonly step: string; readonly holds: string; readonly passed: boolean }[];
}

export async function statusOf(lab: FoundLab): Promise<LabStatus> {
  const containerOf = (node: string) => lab.containers.find(({ Labels }) => Labels[labels.node] === node);
  const machines = machinesOf(lab.topology);
  const taken = await statesOf(lab, machines);
  const nodes = Object.entries(lab.topology.nodes).map(([name, { role, address, address6, on }]) => ({
    name,
    role,
    address,
    ...(address6 !== undefined && { address6 }),
    ...(on !== undefined && { on: typeof on === 'string' ? on : on.ssh }),
    state:
      taken.get(name) ?? containerOf(name)?.State ?? (lab.unreached.length > 0 ? 'unreachable' : 'missing'),
  }));
  const { bare, components } = lab;
  const flavour = components?.flavour ?? 'ours';
  const asked = planFor(lab.topology, { bare, flavour }).steps.flatMap((step) =>
    step.checks.map(async (check) => {
      const container = containerOf(check.node);
      const body =
        taken.get(check.node) === 'running'
          ? machines.get(check.node)
          : container?.State === 'running'
            ? container.handle
            : undefined;
      const passed = body !== undefined && meets(await exec(body, check.argv), check.expect);
      return { step: step.id, holds: check.holds, passed };
    }),
  );
  const calls = fencedPlaces(lab.topology).map(async (place) => {
    const container = containerOf(place.holder);
    if (container?.State !== 'running') return [];
    const { stdout } = await exec(container.handle, ['cat', RECORD_FILE]);
    return outsideCalls(tellingOf(lab.topology, place), recordIn(stdout.toString()));
  });
  return {
    name: lab.name,
    topology: lab.topology.name,
    bare,
    ...(components && { components }),
    nodes,
    services: serviceStatesOf(lab).map(({ planned: { node, service, address }, state, isAsPlanned }) => ({
      node,
      name: service,
      address: address ?? lab.topology.nodes[node]!.address,
      state,
      isAsPlanned,
    })),
    links: await linksOf(lab),
    outside: (await Promise.all(calls)).flat(),
    checks: await Promise.all(asked),
  };
}

/** Whether machines are this lab's. */
async function statesOf(lab: FoundLab, machines: ReadonlyMap<string, Machine>): Promise<Map<string, string>> {
  const states = [...machines].map(async ([name, machine]): Promise<[string, string]> => {
    try {
      return [name, (await takenBy(lab, machine)) === 'whole' ? 'running' : 'missing'];
    } catch {
      return [name, 'unreachable'];
    }
  });
  return new Map(await Promise.all(states));
}
