/**
 * Lessons and faults of the exam, solved as their authors solve them, and not solved before. A few are drawn here; `make soak`
 * plays all of them (LESSONS and EXAMS: the first, and how many).
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadTopology } from '../lab/cli/options/topology-source';
import { silent } from '../lab/engine/docker/progress';
import { down } from '../lab/engine/down';
import { findLabs } from '../lab/engine/labs/find';
import type { RunningLab } from '../lab/engine/nodes/lab';
import { checkStep } from '../lab/lessons/check-step';
import { carryOutActions } from '../lab/lessons/classroom/action';
import { classroomOf } from '../lab/lessons/classroom/classroom';
import { lessons } from '../lab/lessons/course/all';
import { faultOf } from '../lab/lessons/exam/paper';
import { proofOf } from '../lab/lessons/exam/proof';
import { faults } from '../lab/lessons/faults/all';
import { freshLab, prepare, SETTLES_WITHIN_MS } from '../lab/lessons/lesson-lab';

const LAB = 'e2e-lessons';

function drawn(variable: string, otherwise: readonly number[]): readonly number[] {
  const given = process.env[variable];
  if (given === undefined) return otherwise;
  const [first = 0, count = 0] = given.split(',').map(Number);
  return Array.from({ length: count }, (_, index) => first + index);
}

/** The first copy, which ends as a lab of the exam begins; and two faults in such a lab. */
const lessonsDrawn = drawn('LESSONS', [1]).map((number) => lessons[number % lessons.length]!);
const examsDrawn = drawn('EXAMS', [8, 23])
  .map((seed) => ({ seed, fault: faultOf(seed, faults) }))
  .sort((a, b) => b.fault.topology.localeCompare(a.fault.topology));

/** A lab whose copy works, as after a fault that was mended. */
let whole: { readonly topology: string; readonly lab: RunningLab } | undefined;

async function fresh(topology: string, bare: boolean): Promise<RunningLab> {
  const signal = new AbortController().signal;
  const { lab } = await freshLab(await loadTopology(topology), { name: LAB, bare, progress: silent, signal });
  return lab;
}

afterAll(async () => {
  const found = (await findLabs()).find(({ name }) => name === LAB);
  if (found) await down(found, silent);
});

/** Long enough for what would come about by itself. */
const NOTHING_MS = 700;

if (lessonsDrawn.length > 0)
  describe('lesson', () => {
    test.each(lessonsDrawn)(
      '$name: no step is passed by doing nothing, and each is by its answer',
      async (lesson) => {
        whole = undefined;
        const lab = await fresh(lesson.topology, lesson.bare);
        const room = await classroomOf(lab, true);
        for (const step of lesson.steps) {
          await prepare(room, step);
          const before = await checkStep(room, step, 'en', NOTHING_MS);
          if (before.passed) throw new Error(`${step.name} is passed by doing nothing`);
          await carryOutActions(room, step.answer);
          const after = await checkStep(room, step, 'en', SETTLES_WITHIN_MS);
          if (!after.passed)
            throw new Error(`${step.name} is not passed: ${JSON.stringify(after.checks, null, 2)}`);
          expect(`${step.name}: ${after.picture}`).toMatch(/: .*[\w│].*/);
        }
        if (lesson.name === 'first-copy') whole = { topology: lesson.topology, lab };
      },
    );
  });

if (examsDrawn.length > 0)
  describe('exam', () => {
    test.each(examsDrawn)(
      'seed $seed, $fault.name: is not passed by doing nothing, and is by its mend',
      async ({ seed, fault }) => {
        const lab = whole?.topology === fault.topology ? whole.lab : await fresh(fault.topology, false);
        whole = undefined;
        const room = await classroomOf(lab, true);
        await carryOutActions(room, fault.breaks);
        expect(await proofOf(lab, seed)).not.toEqual([]);
        await carryOutActions(room, fault.mends);
        expect(await proofOf(lab, seed)).toEqual([]);
        whole = { topology: fault.topology, lab };
      },
    );
  });
