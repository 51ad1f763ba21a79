import { runDoctor } from '../doctor/run';
import { runProgram } from '../process/run';
import { tcpcopyDoctor } from './doctor';
import { tcpcopyProgram } from './program';

if (process.argv[2] === 'doctor') await runDoctor(tcpcopyDoctor, process.argv.slice(3));
else await runProgram(tcpcopyProgram);
