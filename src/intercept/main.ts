import { runDoctor } from '../doctor/run';
import { runProgram } from '../process/run';
import { interceptDoctor } from './doctor';
import { interceptProgram } from './program';

if (process.argv[2] === 'doctor') await runDoctor(interceptDoctor, process.argv.slice(3));
else await runProgram(interceptProgram);
