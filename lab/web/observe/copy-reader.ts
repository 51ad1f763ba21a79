/** How one copy stands: what verify's readers say of it, and what its kernels have counted. */
import type { RunningLab } from '../../engine/commands/lab';
import { Programs } from '../../verify/collect/programs';
import { collectAllCounters, collectState } from '../../verify/collect/state';
import type { CopyState, ProgramCounters } from '../../verify/evidence/copy-state';
import type { GuardSaid } from '../../verify/evidence/guard-log';
import type { Scene } from '../../verify/evidence/scene';
import { responsesIn } from '../../verify/findings/in-guard';
import { findInState } from '../../verify/findings/in-state';
import { guardRuleIn } from '../../../src/firewall/guard-rules';
import { printedRule } from '../../../src/firewall/print';
import type { CopyReading, Counters, FlowCounts, GuardReading } from '../messages/reading';

/** What the nodes say. */
export interface CopyAsked {
  readonly state: CopyState;
  readonly counters: { readonly tcpcopy: ProgramCounters; readonly intercept: ProgramCounters };
}

export async function askCopy(lab: RunningLab, scene: Scene): Promise<CopyAsked> {
  const programs = new Programs();
  const [state, counters] = await Promise.all([
    collectState(lab, scene, programs),
    collectAllCounters(lab, scene, programs),
  ]);
  return { state, counters };
}

export function copyReading(
  scene: Scene,
  { state, counters }: CopyAsked,
  flows: FlowCounts,
  said: GuardSaid | undefined,
): CopyReading {
  const { tcpcopy, intercept } = state;
  return {
    from: scene.online.name,
    tcpcopy,
    intercept,
    guard: guardReading(scene, state, said),
    findings: findInState(scene, { before: state, after: state }),
    counters: { tcpcopy: numbersOf(counters.tcpcopy), intercept: numbersOf(counters.intercept) },
    flows,
  };
}

function guardReading(scene: Scene, state: CopyState, said: GuardSaid | undefined): GuardReading {
  const catches = catchesIn(scene, state);
  if (state.tcpcopy === undefined || said === undefined) return { level: 'unknown', reasons: [], catches };
  return { level: said.level, reasons: said.reasons, since: said.since, catches };
}

function catchesIn(scene: Scene, { rules, routing }: CopyState): string[] {
  if (routing)
    return routing.ways.flatMap(({ to, goes }) => (goes.kind === 'by' ? [`${to} via ${goes.gateway}`] : []));
  return responsesIn(scene).flatMap(({ family, flow }) => {
    const guard = guardRuleIn(rules[family], flow);
    return guard.kind === 'present' ? [printedRule(guard.rule)] : [];
  });
}

function numbersOf(counters: ProgramCounters): Counters {
  if (!counters) return undefined;
  const numbers = Object.entries(counters).filter((entry): entry is [string, number] => {
    return typeof entry[1] === 'number';
  });
  return Object.fromEntries(numbers);
}
