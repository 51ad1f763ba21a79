/** What leads from one plan to another, where the first is carried out: steps to be undone, and steps to be done. */
import { isDeepStrictEqual } from 'node:util';
import type { Topology } from '../../topology/types';
import { changedValues, type ChangedValue } from './changed-values';
import { servicesOf } from '../services';
import type { Plan, PlanStep } from '../step';

export interface Planned {
  readonly topology: Topology;
  readonly plan: Plan;
}

export interface Difference {
  /** Of the first plan, the last of its steps first. */
  readonly undone: readonly PlanStep[];
  /** Of the second, in its order. */
  readonly done: readonly PlanStep[];
  /** What no step carries out: it is read from the topology when it is needed. */
  readonly read: readonly (typeof READ_LATER)[number][];
  /** Of the topologies. */
  readonly values: readonly ChangedValue[];
}

const READ_LATER = ['description', 'load', 'outside'] as const;

/** A step stays where both plans have it, as it is, and all that it needs stays. */
export function differenceOf(from: Planned, to: Planned): Difference {
  const there = new Map(from.plan.steps.map((step) => [step.id, saidOf(from, step)]));
  const kept = new Set<string>();
  for (const step of to.plan.steps)
    if (there.get(step.id) === saidOf(to, step) && step.needs.every((id) => kept.has(id))) kept.add(step.id);
  return {
    undone: from.plan.steps.toReversed().filter(({ id }) => !kept.has(id)),
    done: to.plan.steps.filter(({ id }) => !kept.has(id)),
    read: READ_LATER.filter((key) => !isDeepStrictEqual(from.topology[key], to.topology[key])),
    values: changedValues(from.topology, to.topology),
  };
}

/** Also what the engine looks up for it. */
function saidOf({ topology }: Planned, step: PlanStep): string {
  const { action } = step;
  const service =
    action.kind === 'service'
      ? servicesOf(topology).find((one) => one.node === action.node && one.service === action.service)
      : undefined;
  return JSON.stringify([step, service]);
}

export const isEmpty = ({ undone, done, read }: Difference): boolean =>
  undone.length + done.length + read.length === 0;

/** A line each, in the order of the plans: `-` is undone, `+` is done, `~` is undone and done again. */
export function differenceLines({ undone, done, read }: Difference): string[] {
  const again = new Set(done.map(({ id }) => id));
  const before = new Set(undone.map(({ id }) => id));
  return [
    ...undone.filter(({ id }) => !again.has(id)).map(({ title }) => `- ${title}`),
    ...done.map(({ id, title }) => `${before.has(id) ? '~' : '+'} ${title}`),
    ...read.map((key) => `~ ${key}`),
  ];
}
