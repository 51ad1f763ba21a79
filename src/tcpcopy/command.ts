/** tcpcopy, its doctor, its maker of keys, or its comparison of captures, by the command line of this process. */
import { runDoctor } from '../doctor/run';
import { runProgram } from '../process/run';
import { runWorker, workerWishes } from '../workers/worker';
import { tcpcopyDoctor } from './doctor';
import { runKeygen } from './keygen';
import { tcpcopyProgram } from './program';

export async function runTcpcopy(): Promise<void> {
  const wishes = workerWishes();
  const [word, ...rest] = process.argv.slice(2);
  if (wishes) await runWorker(tcpcopyProgram, wishes);
  else if (word === 'doctor') await runDoctor(tcpcopyDoctor, rest);
  else if (word === 'keygen') runKeygen(rest);
  else if (word === 'compare') {
    // Who copies has no use for parsers.
    const { runCompare } = await import('./compare/run');
    await runCompare(rest);
  } else await runProgram(tcpcopyProgram);
}
