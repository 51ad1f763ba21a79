/** The client program, bundled by the bench and run in the client's node. */
import { busy } from './busy';
import { paced } from './paced';
import { asking, fragments, idle, pipelined, reset, saying } from './shapes';
import type { ClientReport, ClientTask } from './task';

async function carryOut(task: ClientTask): Promise<Omit<ClientReport, 'seconds'>> {
  switch (task.kind) {
    case 'asking':
      return { requests: await asking(task) };
    case 'saying':
      return { requests: await saying(task) };
    case 'pipelined':
      return { requests: await pipelined(task) };
    case 'fragments':
      return { requests: await fragments(task) };
    case 'idle':
      return { requests: await idle(task) };
    case 'reset':
      return { requests: await reset(task) };
    case 'busy':
      return busy(task);
    case 'paced':
      return paced(task);
  }
}

const began_ms = performance.now();
const told = await carryOut(JSON.parse(process.argv[2]!) as ClientTask);
const report: ClientReport = { ...told, seconds: (performance.now() - began_ms) / 1000 };
process.stdout.write(`${JSON.stringify(report)}\n`);
