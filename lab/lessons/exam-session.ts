/** An exam that is taken: a lab that was broken, and what came of it. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Progress as Told } from '../engine/docker/progress';
import { findLabs } from '../engine/labs/find';
import { openLab } from '../engine/running/running-lab';
import type { Topology } from '../topology/types';
import { carryOutActions, typed } from './classroom/action';
import { faults } from './faults/all';
import type { Fault } from './faults/fault';
import { faultOf } from './exam/paper';
import { proofOf } from './exam/proof';
import { sealed, type ExamResult } from './exam/result';
import { keep, readKept, stateFolder } from './kept';
import { freshLab, opened } from './lesson-lab';
import type { Places } from './words/language';

const sittingSchema = z.object({
  version: z.literal(1),
  seed: z.number(),
  who: z.string(),
  lab: z.string(),
  run: z.string(),
  begun: z.string(),
  checks: z.number(),
});

type Sitting = z.infer<typeof sittingSchema>;

/** By the lab's name, so that several may be taken side by side. */
const sittingFile = (lab: string): string => join(stateFolder(), `exam-${lab}.json`);

export class ExamError extends Error {
  readonly code = 'EXAM_NOT_BEGUN';

  constructor(
    message: string,
    readonly mend: string,
  ) {
    super(message);
    this.name = 'ExamError';
  }
}

export interface ExamOptions {
  readonly seed: number;
  readonly who: string;
  /** Of the lab. */
  readonly name: string;
  readonly topologyOf: (name: string) => Promise<Topology>;
  readonly told: Told;
  readonly signal: AbortSignal;
}

/** A fresh lab whose copy works, and is then broken in the way that the seed stands for. */
export async function beginExam(options: ExamOptions): Promise<{ fault: Fault; places: Places }> {
  const { seed, who, name, topologyOf, told, signal } = options;
  const fault = faultOf(seed, faults);
  const topology = await topologyOf(fault.topology);
  const { lab, run, room } = await freshLab(topology, { name, bare: false, progress: told, signal });
  await told.step('break it', () => carryOutActions(room, fault.breaks));
  const sitting = { version: 1, seed, who, lab: lab.name, run, begun: new Date().toISOString(), checks: 0 };
  await keep(sittingFile(name), sitting);
  return { fault, places: room.places };
}

export interface ExamOutcome {
  readonly result: ExamResult;
  readonly fault: Fault;
  /** The shortest way, command by command; only where nothing is left to be found. */
  readonly shortest?: readonly string[];
}

/** @throws ExamError when none was begun in a lab of that name */
export async function checkExam(name: string, signal?: AbortSignal): Promise<ExamOutcome> {
  const earlier = await sittingOf(name);
  const sitting = { ...earlier, checks: earlier.checks + 1 };
  const fault = faultOf(sitting.seed, faults);
  await keep(sittingFile(name), sitting);
  if (!(await isSameLab(sitting))) return { fault, result: resultOf(sitting, 'restarted', []) };
  const { lab, room } = await opened(await openLab(name));
  const reasons = await proofOf(lab, sitting.seed, signal);
  if (reasons.length > 0) return { fault, result: resultOf(sitting, 'failed', reasons) };
  return { fault, result: resultOf(sitting, 'passed', []), shortest: shortestOf(fault, room.places) };
}

/** Ends it, and tells what it was. @throws ExamError */
export async function giveUp(name: string): Promise<ExamOutcome> {
  const sitting = await sittingOf(name);
  const fault = faultOf(sitting.seed, faults);
  const places = (await isSameLab(sitting)) ? (await opened(await openLab(name))).room.places : {};
  return { fault, result: resultOf(sitting, 'given-up', []), shortest: shortestOf(fault, places) };
}

export const shortestOf = ({ mends }: Fault, places: Places): string[] =>
  mends.map((action) => typed(action, places));

async function sittingOf(name: string): Promise<Sitting> {
  const sitting = await readKept(sittingFile(name), sittingSchema);
  if (sitting) return sitting;
  throw new ExamError(`No exam was begun in a lab named ${name}.`, 'Begin one: lab exam --seed 41.');
}

/** Down and up again is no mend: each start of a lab has an id of its own. */
const isSameLab = async ({ lab, run }: Sitting): Promise<boolean> =>
  (await findLabs()).some((found) => found.name === lab && found.run === run);

const resultOf = (
  { version, seed, who, lab, run, begun, checks }: Sitting,
  verdict: ExamResult['verdict'],
  reasons: readonly string[],
): ExamResult =>
  sealed({
    version,
    seed,
    who,
    lab,
    run,
    begun,
    checked: new Date().toISOString(),
    checks,
    verdict,
    reasons: [...reasons],
  });
