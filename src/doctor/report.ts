/** Diagnoses for people and for programs. */
import { counted, type Diagnosis, type Verdict } from './diagnosis';

export interface Report {
  /** `healthy` when nothing is wrong, whatever cannot be told. */
  readonly verdict: 'healthy' | 'wrong';
  readonly diagnoses: readonly Diagnosis<string>[];
}

export const reportOn = (diagnoses: readonly Diagnosis<string>[]): Report => ({
  verdict: diagnoses.some(({ verdict }) => verdict === 'wrong') ? 'wrong' : 'healthy',
  diagnoses,
});

const ORDER: readonly Verdict[] = ['wrong', 'unknown', 'ok'];
const LABELS: Readonly<Record<Verdict, string>> = { wrong: 'WRONG', unknown: '?', ok: 'ok' };

/** What is wrong stands first. @param who as in `tcpcopy doctor` */
export function reportAsText(who: string, { diagnoses }: Report): string {
  const count = (verdict: Verdict): number => diagnoses.filter((one) => one.verdict === verdict).length;
  const summary =
    `${who}: ${count('wrong') === 0 ? 'nothing is' : `${counted(count('wrong'), 'thing')} ${count('wrong') === 1 ? 'is' : 'are'}`} wrong` +
    ` (${count('ok')} right, ${count('unknown')} cannot be told)`;
  const sorted = ORDER.flatMap((verdict) => diagnoses.filter((one) => one.verdict === verdict));
  return [summary, '', ...sorted.flatMap(linesOf)].join('\n');
}

function linesOf(diagnosis: Diagnosis<string>): string[] {
  const { check, verdict, evidence } = diagnosis;
  const name = diagnosis.verdict === 'wrong' ? `${check}: ${diagnosis.cause}` : check;
  const mend = diagnosis.verdict === 'ok' ? undefined : diagnosis.mend;
  return [
    `  ${LABELS[verdict].padEnd(7)}${name}: ${evidence}`,
    ...(mend === undefined ? [] : [`         mend: ${mend}`]),
  ];
}
