/** tcpcopy, or its doctor, by the command line of this process. */
import { runDoctor } from '../doctor/run';
import { runProgram } from '../process/run';
import { tcpcopyDoctor } from './doctor';
import { tcpcopyProgram } from './program';

export const runTcpcopy = (): Promise<void> =>
  process.argv[2] === 'doctor' ? runDoctor(tcpcopyDoctor, process.argv.slice(3)) : runProgram(tcpcopyProgram);
