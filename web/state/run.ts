/** A run as the page shows it: a function of the messages that have come. */
import type { Message } from '../../lab/web/messages/message';
import type { GuardChange } from '../../lab/web/messages/reading';
import type { RunBegun, RunResult, RunStep } from '../../lab/web/messages/run';

export interface ToldStep {
  readonly at_ms: number;
  readonly step: RunStep;
}

export type RunEnd =
  | { readonly kind: 'result'; readonly result: RunResult }
  | { readonly kind: 'broken-off'; readonly why: string };

export interface Run {
  readonly begun: RunBegun;
  /** The last thing that was done to have a lab. */
  readonly settingUp: string | undefined;
  readonly steps: readonly ToldStep[];
  readonly end: RunEnd | undefined;
}

export function withRunMessage(run: Run | undefined, message: Message): Run | undefined {
  if (message.kind === 'run') return { begun: message.run, settingUp: undefined, steps: [], end: undefined };
  if (!run) return undefined;
  if (message.kind === 'setting-up') return { ...run, settingUp: message.what };
  if (message.kind === 'step') {
    const { at_ms, step } = message;
    return { ...run, steps: [...run.steps, { at_ms, step }] };
  }
  if (message.kind === 'result') return { ...run, end: { kind: 'result', result: message.result } };
  if (message.kind === 'broken-off') return { ...run, end: { kind: 'broken-off', why: message.why } };
  return run;
}

export type TimelineEntry =
  | ({ readonly kind: 'step' } & ToldStep)
  | { readonly kind: 'guard'; readonly at_ms: number; readonly change: GuardChange };

/**
 * Steps and what the guard did meanwhile, in the order of time. What it says again is left out, and all that it said before
 * the first step but for the last.
 */
export function timelineOf(steps: readonly ToldStep[], guard: readonly GuardChange[]): TimelineEntry[] {
  const begin_ms = steps[0]?.at_ms ?? 0;
  const changes = guard.filter(({ level, copy, at_ms }, index) => {
    const before = guard.slice(0, index).findLast((one) => one.copy === copy);
    const next = guard.slice(index + 1).find((one) => one.copy === copy);
    return before?.level !== level && (at_ms >= begin_ms || (next?.at_ms ?? Infinity) >= begin_ms);
  });
  return [
    ...steps.map((told): TimelineEntry => ({ kind: 'step', ...told })),
    ...changes.map((change): TimelineEntry => ({
      kind: 'guard',
      at_ms: Math.max(begin_ms, change.at_ms),
      change,
    })),
  ].sort((a, b) => a.at_ms - b.at_ms);
}
