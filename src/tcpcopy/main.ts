import { runDoctor } from '../doctor/run';
import { runProgram } from '../process/run';
import { tcpcopyDoctor } from './doctor';
import { runKeygen } from './keygen';
import { tcpcopyProgram } from './program';

const [word, ...rest] = process.argv.slice(2);
if (word === 'doctor') await runDoctor(tcpcopyDoctor, rest);
else if (word === 'keygen') runKeygen(rest);
else await runProgram(tcpcopyProgram);
