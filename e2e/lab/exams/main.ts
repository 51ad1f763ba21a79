/**
 * Exams, solved as their authors solve them, and not solved before: `main.ts <first seed> <how many>`. They are taken in labs side
 * by side, one more than there are cores, for much of each is waiting; a lab that was mended serves the next of its topology.
 */
import { availableParallelism } from 'node:os';
import { loadTopology } from '../../../lab/cli/options/topology-source';
import { abortOnSignals } from '../../../lab/cli/terminal/interrupt';
import { silent } from '../../../lab/engine/docker/progress';
import { downIfThere } from '../../../lab/engine/down';
import type { RunningLab } from '../../../lab/library';
import { faultOf } from '../../../lab/lessons/exam/paper';
import { faults } from '../../../lab/lessons/faults/all';
import { freshLab } from '../../../lab/lessons/lesson-lab';
import { solveExam } from './solve';

const [first = 0, count = faults.length] = process.argv.slice(2).map(Number);
const signal = abortOnSignals();
const waiting = Array.from({ length: count }, (_, index) => ({
  seed: first + index,
  fault: faultOf(first + index, faults),
}));
const print = (line: string): void => void process.stdout.write(`${line}\n`);
let done = 0;
let failed = 0;

/** Labs are started one after the other: each start looks at all labs that there are. */
let starts: Promise<unknown> = Promise.resolve();
function started(topology: string, name: string): Promise<RunningLab> {
  const lab = starts.then(async () => {
    const options = { name, bare: false, progress: silent, signal };
    return (await freshLab(await loadTopology(topology), options)).lab;
  });
  starts = lab.catch(() => undefined);
  return lab;
}

async function takeTurns(name: string): Promise<void> {
  let whole: { readonly topology: string; readonly lab: RunningLab } | undefined;
  const next = () => {
    const alike = waiting.findIndex(({ fault }) => fault.topology === whole?.topology);
    return waiting.splice(Math.max(0, alike), 1)[0];
  };
  try {
    for (let exam = next(); exam && !signal.aborted; exam = next()) {
      const { seed, fault } = exam;
      const { topology } = fault;
      const begun_ms = performance.now();
      let verdict = 'held';
      try {
        const lab = whole?.topology === topology ? whole.lab : await started(topology, name);
        whole = undefined;
        await solveExam(lab, seed, fault);
        whole = { topology, lab };
      } catch (failure) {
        failed += 1;
        verdict = `FAILED: ${failure instanceof Error ? failure.message : String(failure)}`;
      }
      done += 1;
      const seconds = ((performance.now() - begun_ms) / 1000).toFixed(1);
      print(`${done}/${count}  seed ${seed}, ${fault.name}: ${verdict}, ${seconds} s`);
    }
  } finally {
    await downIfThere(name, silent);
  }
}

const labs = Array.from(
  { length: Math.min(availableParallelism() + 1, count) },
  (_, index) => `exam-${index + 1}-of-soak`,
);
await Promise.all(labs.map(takeTurns));
process.exitCode = failed > 0 || signal.aborted ? 1 : 0;
