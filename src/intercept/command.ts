/** intercept, or its doctor, by the command line of this process. */
import { runDoctor } from '../doctor/run';
import { runProgram } from '../process/run';
import { interceptDoctor } from './doctor';
import { interceptProgram } from './program';

export const runIntercept = (): Promise<void> =>
  process.argv[2] === 'doctor'
    ? runDoctor(interceptDoctor, process.argv.slice(3))
    : runProgram(interceptProgram);
