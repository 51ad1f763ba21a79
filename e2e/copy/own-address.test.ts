/** Copies under the online server's own address, where the network lets no other pass, beside its own programs. */
import { expect, test } from '@jest/globals';
import type { Lab, LabNode } from '../../lab/library';
import { parseAddress } from '../../src/wire/flow';
import { verifyLab } from '../../lab/verify/verify-lab';
import { eachFrame } from '../../lab/verify/frames/frames';
import cloud from '../../topologies/cloud';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { shell } from '../stage/verify-support';

const lab = sharedLab(cloud, 'e2e-own-address');

const OWN_PROGRAM = '/tmp/own-program.mjs';
const SAID = '/tmp/own-program.json';

/** Opens and closes connections to the test server until it is told to end, and says how many failed. */
const ownProgram = (server: string): string => `
import { request } from 'node:http';
import { writeFileSync } from 'node:fs';
let going = true;
const said = { answered: 0, failed: [], ports: [] };
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => (going = false));
const ask = () => new Promise((resolve) => {
  const asked = request({ host: '${server}', port: 8080, path: '/own', agent: false, timeout: 3000 }, (response) => {
    response.resume().on('end', () => { said.answered += 1; resolve(); });
  });
  asked.on('timeout', () => asked.destroy(new Error('timeout')));
  asked.on('error', (error) => { said.failed.push(error.message); resolve(); });
  asked.end();
});
const line = async () => { while (going) { await ask(); await new Promise((next) => setTimeout(next, 2)); } };
await Promise.all([line(), line(), line()]);
writeFileSync('${SAID}', JSON.stringify(said));
`;

interface Said {
  readonly answered: number;
  readonly failed: readonly string[];
}

/** Runs the online server's own program meanwhile. */
async function beside<T>(running: Lab, work: () => Promise<T>): Promise<{ done: T; said: Said }> {
  const online = running.node('online');
  await online.writeFile(OWN_PROGRAM, ownProgram(running.node('test').definition.address));
  const program = await online.start(['/opt/tcpcopy-lab/bin/node', OWN_PROGRAM]);
  const done = await work();
  await program.stop();
  const said = JSON.parse((await online.readFile(SAID)).toString()) as Said;
  return { done, said };
}

/** Who spoke to the test server, as ports of the online server's address, and others. */
function speakersIn(capture: Uint8Array, own: number): { ports: Set<number>; others: Set<number> } {
  const ports = new Set<number>();
  const others = new Set<number>();
  eachFrame(capture, ({ segment }) => {
    if (segment?.destinationPort !== 8080) return;
    if (segment.source === own) ports.add(segment.sourcePort);
    else others.add(segment.source);
  });
  return { ports, others };
}

const isCopys = (port: number): boolean => port >= 61_000;

const logOf = async (node: LabNode, program: string): Promise<string> =>
  (await node.exec(['cat', `/var/log/${program}.log`])).stdout.toString();

test('where no foreign source passes, the copy is exact under the own address, beside an own program', async () => {
  const { done, said } = await beside(lab(), () => verifyLab(lab(), { seed: 7 }));
  const { verification, evidence } = done;
  expect(verification.reasons).toEqual([]);
  expect(verification.requests).toMatchObject({ missing: 0, duplicated: 0, altered: 0, reordered: 0 });
  expect(said.failed).toEqual([]);
  expect(said.answered).toBeGreaterThan(100);
  const tap = evidence.taps.find(({ node }) => node === 'test')!;
  const own = parseAddress(lab().node('online').definition.address)!;
  const { ports, others } = speakersIn(tap.capture, own);
  expect([...others]).toEqual([]);
  expect([...ports].filter(isCopys).length).toBeGreaterThan(100);
  expect([...ports].filter((port) => !isCopys(port)).length).toBeGreaterThan(100);
});
