/** The table of a trainer, from result files. Pure. */
import type { Fault } from '../faults/fault';
import { faultOf } from './paper';
import { examResultSchema, isIntact, secondsOf, type ExamResult } from './result';

export interface Grade {
  readonly file: string;
  readonly who: string;
  readonly seed: string;
  readonly fault: string;
  readonly verdict: ExamResult['verdict'] | 'changed' | 'unreadable' | 'twice';
  readonly minutes: string;
  readonly checks: string;
}

/** @param texts contents by file name */
export function gradesOf(texts: ReadonlyMap<string, string>, faults: readonly Fault[]): Grade[] {
  const runs = new Map<string, string>();
  return [...texts].map(([file, text]) => {
    const result = resultIn(text);
    if (!result)
      return { file, who: '', seed: '', fault: '', verdict: 'unreadable', minutes: '', checks: '' };
    const { who, seed, verdict, checks, run } = result;
    // The lab of one cannot be that of somebody else.
    const isTwice = runs.has(run) && runs.get(run) !== who;
    runs.set(run, runs.get(run) ?? who);
    return {
      file,
      who,
      seed: String(seed),
      fault: faultOf(seed, faults).name,
      verdict: !isIntact(result) ? 'changed' : isTwice ? 'twice' : verdict,
      minutes: (secondsOf(result) / 60).toFixed(1),
      checks: String(checks),
    };
  });
}

function resultIn(text: string): ExamResult | undefined {
  try {
    return examResultSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
