import { runProgram } from '../process/run';
import { tcpcopyProgram } from './program';

await runProgram(tcpcopyProgram);
