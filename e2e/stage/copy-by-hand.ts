/** A copy of nginx that a test starts and stops by hand, in a bare lab: a load of its own pace, and what comes of it where. */
import type { Lab, LabNode, RunningCommand } from '../../lab/library';
import { eventually } from './eventually';
import { shell } from './verify-support';

export type Program = 'tcpcopy' | 'intercept';

/** Where each serves its counters (--metrics). */
export const METRICS: Readonly<Record<Program, number>> = { tcpcopy: 9100, intercept: 9101 };

/** Connections of their own pace, until it is stopped; each request has a path of its own. */
const LOAD = `
import { Agent, get } from 'node:http';
const [, , server, mark, connections, pause_ms] = process.argv;
let number = 0;
let running = true;
process.on('SIGINT', () => (running = false));
const ask = (agent) => new Promise((resolve) => {
  const request = get({ host: server, path: '/' + mark + '/' + number++, agent }, (answer) => answer.resume().on('end', resolve));
  request.on('error', resolve);
});
await Promise.all(Array.from({ length: Number(connections) }, async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (running) {
    await ask(agent);
    await new Promise((resolve) => setTimeout(resolve, Number(pause_ms)));
  }
  agent.destroy();
}));
`;
const LOAD_FILE = '/tmp/load.mjs';

export const installLoad = (lab: Lab): Promise<void> => lab.node('client').writeFile(LOAD_FILE, LOAD);

/** @param mark that its paths begin with */
export function startLoad(
  lab: Lab,
  mark: string,
  connections: number,
  pause_ms: number,
): Promise<RunningCommand> {
  const words = [lab.node('online').definition.address, mark, `${connections}`, `${pause_ms}`];
  return lab.node('client').start(['/opt/tcpcopy-lab/bin/node', LOAD_FILE, ...words]);
}

/** Paths with the mark that a server has answered, in order of name. */
export async function answeredPaths(node: LabNode, mark: string): Promise<string[]> {
  const { stdout } = await node.exec([
    'sh',
    '-c',
    `grep -o '/${mark}/[0-9]*' /var/log/nginx/access.log; true`,
  ]);
  return stdout.toString().split('\n').filter(Boolean).toSorted();
}

/** What of the copied port comes in at the client, from now on. */
export async function watchClient(lab: Lab): Promise<{ frames(): Promise<number> }> {
  const filter = `src host ${lab.node('test').definition.address} and tcp src port 8080`;
  const tap = await lab
    .node('client')
    .start(['tcpdump', '--immediate-mode', '-l', '-n', '-i', 'eth0', filter]);
  await eventually(() => tap.stderr().includes('listening on'));
  return {
    async frames() {
      const { stdout } = await tap.stop();
      return stdout.toString().split('\n').filter(Boolean).length;
    },
  };
}

/** NaN where the program does not run, or has no such counter. */
export async function metricOf(node: LabNode, program: Program, name: string): Promise<number> {
  const { stdout } = await node.exec(['curl', '-s', `http://127.0.0.1:${METRICS[program]}/metrics`]);
  const found = stdout
    .toString()
    .split('\n')
    .find((line) => line.startsWith(`${name} `));
  return Number(found?.split(' ')[1] ?? NaN);
}

/** In order, if it runs; resolves when it is gone. */
export const stopProgram = (node: LabNode, program: Program): Promise<void> =>
  shell(node, `pkill -TERM -x ${program}; while pgrep -x ${program} >/dev/null; do sleep 0.02; done`);
