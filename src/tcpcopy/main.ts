import { runTcpcopy } from './command';

await runTcpcopy();
