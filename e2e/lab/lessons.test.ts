/**
 * Lessons and faults of the exam, solved as their authors solve them, and not solved before. A few are drawn here; `make soak`
 * plays all of them (LESSONS: the first, and how many; exams: exams/main.ts).
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology } from '../../lab/cli/options/topology-source';
import { silent } from '../../lab/engine/docker/progress';
import { downIfThere } from '../../lab/engine/down';
import type { RunningLab } from '../../lab/library';
import { checkStep } from '../../lab/lessons/check-step';
import { carryOutActions } from '../../lab/lessons/classroom/action';
import { classroomOf } from '../../lab/lessons/classroom/classroom';
import { lessons } from '../../lab/lessons/course/all';
import { faultOf } from '../../lab/lessons/exam/paper';
import { faults } from '../../lab/lessons/faults/all';
import { solveExam } from './exams/solve';
import { drawing, drawnFrom } from '../stage/drawn';
import { freshLab, prepare, SETTLES_WITHIN_MS } from '../../lab/lessons/lesson-lab';

const LAB = 'e2e-lessons';

/** Of the soak; undefined where only a few are drawn. */
const asked = process.env['LESSONS']?.split(',').map(Number);

/** The first copy, which ends as a lab of the exam begins; and a fault in such a lab that no doctor sees. */
const played = drawnFrom(['lesson', 'exam'], 1);
const isPlayed = (kind: string): boolean => played.includes(kind);
const [first = 1, count = isPlayed('lesson') ? 1 : 0] = asked ?? [];
const lessonsDrawn = Array.from({ length: count }, (_, index) => lessons[(first + index) % lessons.length]!);
const examsDrawn = !asked && isPlayed('exam') ? [{ seed: 39, fault: faultOf(39, faults) }] : [];

/** A lab whose copy works, as after a fault that was mended. */
let whole: { readonly topology: string; readonly lab: RunningLab } | undefined;

async function fresh(topology: string, bare: boolean): Promise<RunningLab> {
  const signal = new AbortController().signal;
  const { lab } = await freshLab(await loadTopology(topology), { name: LAB, bare, progress: silent, signal });
  return lab;
}

afterAll(() => downIfThere(LAB, silent));

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
        await solveExam(lab, seed, fault);
      },
    );
  });

/** By the command, with progress of its own; in soaks only what was asked for is played. */
if (!asked)
  describe('the lab command', () => {
    let folder: string;
    beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'lab-lessons-'))));
    afterAll(() => rm(folder, { recursive: true }));
    const lab = (...argv: string[]) =>
      execa(join(import.meta.dirname, '../../bin/lab'), argv, {
        reject: false,
        cwd: folder,
        stdin: 'ignore',
        env: { XDG_STATE_HOME: folder, LANG: 'C' },
      });
    const named = ['--name', LAB];
    const verdictIn = async (file: string): Promise<unknown> =>
      (JSON.parse(await readFile(join(folder, file), 'utf8')) as { verdict: unknown }).verdict;

    const command = drawing('commands', 1);
    command('opens a lesson at a step, keeps what was passed, and helps twice', async () => {
      const opened = await lab('lesson', 'first-copy', '--at', '2', ...named);
      expect(opened.stdout).toContain('Step 2/6: The guard comes first');
      expect((await lab('lesson', '2', 'check')).exitCode).toBe(1);
      expect((await lab('lesson', 'hint')).stdout).not.toContain('iptables -I');
      const { stdout: answer } = await lab('lesson', 'hint');
      const [, node, command] = /lab exec (?:--name \S+ )?(\S+) -- (.*)$/m.exec(answer)!;
      await lab('exec', ...named, node!, '--', ...command!.split(' '));
      const passed = await lab('lesson', 'check');
      expect(passed.exitCode).toBe(0);
      expect(passed.stdout).toContain('nobody listens');
      expect(passed.stdout).toContain('Step 3/6');
      expect((await lab('lesson')).stdout).toMatch(/ 2 {2}A first copy .* 1\/6$/m);
    });

    command('grades an exam by the lab that it was begun in, and by no other', async () => {
      const begun = await lab('exam', '--seed', '0', '--who', 'ada', ...named);
      expect(begun.stdout).toContain('nothing arrives at the test server');
      const failed = await lab('exam', 'check', ...named, '--out', 'failed.json');
      expect([failed.exitCode, await verdictIn('failed.json')]).toEqual([1, 'failed']);
      expect(failed.stdout).not.toContain('iptables');
      const [mend] = faultOf(0, faults).mends;
      if (!('run' in mend)) throw new Error('seed 0 is mended by a command');
      await lab('exec', ...named, mend.on, '--', ...mend.run.split(' '));
      const passed = await lab('exam', 'check', ...named, '--out', 'ada.json');
      expect([passed.exitCode, await verdictIn('ada.json')]).toEqual([0, 'passed']);
      expect(passed.stdout).toContain(mend.run);
      await lab('down', LAB);
      await lab('up', ...named);
      const anew = await lab('exam', 'check', ...named, '--out', 'anew.json');
      expect([anew.exitCode, await verdictIn('anew.json')]).toEqual([1, 'restarted']);
      const grades = await lab('exam', 'grade', 'ada.json', 'anew.json');
      expect(grades.stdout).toMatch(/^ada +0 +rule-missing +passed .* 2 +ada\.json$/m);
    });
    command.play();
  });
