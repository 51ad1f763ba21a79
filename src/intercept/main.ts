import { runIntercept } from './command';

await runIntercept();
