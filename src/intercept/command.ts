/** intercept, its doctor, or the process that compares for it, by the command line of this process. */
import { runDoctor } from '../doctor/run';
import { runProgram } from '../process/run';
import { runWorker, workerWishes } from '../workers/worker';
import { COMPARER } from './comparer/comparer';
import { interceptDoctor } from './doctor';
import { interceptProgram } from './program';

export async function runIntercept(): Promise<void> {
  const [word, ...rest] = process.argv.slice(2);
  const wishes = workerWishes();
  if (wishes) await runWorker(interceptProgram, wishes);
  else if (word === 'doctor') await runDoctor(interceptDoctor, rest);
  else if (word === COMPARER && process.send) {
    // Who catches responses has no use for parsers.
    const { runComparer } = await import('./comparer/run');
    runComparer();
  } else await runProgram(interceptProgram);
}
