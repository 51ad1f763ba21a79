import { runProgram } from '../process/run';
import { interceptProgram } from './program';

await runProgram(interceptProgram);
