/** A program of the online server's own, which uses the test server itself all the while. */
import type { Lab } from '../../../lab/library';

const OWN_PROGRAM = '/tmp/own-program.mjs';
const SAID = '/tmp/own-program.json';

/** Opens and closes connections to the test server, by each of these addresses, until it is told to end, and says how many failed. */
const programFor = (servers: readonly string[]): string => `
import { request } from 'node:http';
import { writeFileSync } from 'node:fs';
let going = true;
const said = { answered: 0, failed: [] };
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => (going = false));
const ask = (host) => new Promise((resolve) => {
  const asked = request({ host, port: 8080, path: '/own', agent: false, timeout: 30_000 }, (response) => {
    response.resume().on('end', () => { said.answered += 1; resolve(); });
  });
  asked.on('timeout', () => asked.destroy(new Error('timeout')));
  asked.on('error', (error) => { said.failed.push(error.message); resolve(); });
  asked.end();
});
const line = async (host) => { while (going) { await ask(host); await new Promise((next) => setTimeout(next, 2)); } };
await Promise.all(${JSON.stringify(servers)}.map(line));
writeFileSync('${SAID}', JSON.stringify(said));
`;

export interface Said {
  readonly answered: number;
  readonly failed: readonly string[];
}

/** It begins. @param servers addresses of the test server @returns what ends it, and tells what it says */
export async function startOwnProgram(
  running: Lab,
  servers: readonly string[],
): Promise<() => Promise<Said>> {
  const online = running.node('online');
  await online.writeFile(OWN_PROGRAM, programFor(servers));
  const program = await online.start(['/opt/tcpcopy-lab/bin/node', OWN_PROGRAM]);
  return async () => {
    await program.stop();
    return JSON.parse((await online.readFile(SAID)).toString()) as Said;
  };
}
