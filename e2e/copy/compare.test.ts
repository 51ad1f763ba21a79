/** Answers compared while the copy runs: what tcpcopy --compare and intercept --compare find, and what it may not disturb. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Lab, LabNode } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { stopProgram } from '../stage/copy-by-hand';
import { shell } from '../stage/verify-support';

const NODE = '/opt/tcpcopy-lab/bin/node';
const PORT = 81;
const REPORT = '/tmp/report.json';
/** Of five requests each. */
const CONNECTIONS = 40;

const lab = sharedLab(traditional, 'e2e-compare-live', { bare: true });

interface Report {
  readonly pairs: number;
  readonly differing: number;
  readonly unjudged: number;
  readonly unmatched: { readonly online: number; readonly test: number };
  readonly routes: readonly {
    readonly route: string;
    readonly differences: readonly { readonly place: string; readonly kind: string }[];
  }[];
}

const findingsIn = ({ routes }: Report): string[] =>
  routes.flatMap(({ route, differences }) =>
    differences.map(({ place, kind }) => `${route}: ${place} ${kind}`),
  );

const nodesOf = ({ node }: Lab) => ({ client: node('client'), online: node('online'), copied: node('test') });

async function install(node: LabNode, file: string): Promise<void> {
  await node.writeFile(`/tmp/${file}`, await readFile(join(import.meta.dirname, 'compare', file)));
}

async function startServers(running: Lab): Promise<void> {
  const { client, online, copied } = nodesOf(running);
  await install(client, 'client.mjs');
  for (const [node, version] of [
    [online, 'this'],
    [copied, 'next'],
  ] as const) {
    await install(node, 'server.mjs');
    const server = await node.start([NODE, '/tmp/server.mjs', `${PORT}`, version]);
    await eventually(() => server.stderr().includes('ready'));
  }
  await shell(copied, `iptables -I OUTPUT -p tcp --sport ${PORT} -j NFQUEUE`);
}

interface Programs {
  readonly intercept?: string;
  readonly tcpcopy?: string;
}

async function startCopy(running: Lab, { intercept = '', tcpcopy = '' }: Programs): Promise<void> {
  const { online, copied } = nodesOf(running);
  const [from, to] = [online.definition.address, copied.definition.address];
  await shell(copied, `rm -f ${REPORT}; intercept -x ${from} -b ${to} ${intercept} -d`);
  await shell(online, `tcpcopy -x ${PORT}-${to}:${PORT} -s ${from} ${tcpcopy} -d`);
  await eventually(async () => (await running.counters('online', 'tcpcopy'))?.['armed'] === 1);
}

async function ask(running: Lab, mark: string): Promise<void> {
  const { client, online } = nodesOf(running);
  const words = [online.definition.address, `${PORT}`, `${CONNECTIONS}`, mark];
  const { exitCode, stderr } = await client.exec([NODE, '/tmp/client.mjs', ...words], { timeout_ms: 30_000 });
  if (exitCode !== 0) throw new Error(stderr.toString());
  await eventually(async () => (await running.counters('online', 'tcpcopy'))?.['sessions_open'] === 0);
}

/** Both programs, in order. */
async function stopCopy(running: Lab): Promise<void> {
  const { online, copied } = nodesOf(running);
  await stopProgram(online, 'tcpcopy');
  await stopProgram(copied, 'intercept');
}

const reportOf = async (running: Lab): Promise<Report> =>
  JSON.parse((await nodesOf(running).copied.readFile(REPORT)).toString()) as Report;

const logOf = async (node: LabNode, program: string): Promise<string> =>
  (await node.readFile(`/var/log/${program}.log`)).toString();

test('faults of the next version are found at their routes, and every request has its partner', async () => {
  const running = lab();
  await startServers(running);
  await startCopy(running, {
    intercept: `--compare --compare-out ${REPORT} --compare-ignore 'json:$.at' --compare-fail 'differing > 0'`,
    tcpcopy: '--compare 100%',
  });
  await eventually(async () => (await logOf(nodesOf(running).online, 'tcpcopy')).includes('"comparing"'));
  await ask(running, 'all');
  await stopCopy(running);
  const report = await reportOf(running);
  const { pairs, differing, unjudged, unmatched } = report;
  expect({ pairs, differing, unjudged, unmatched }).toEqual({
    pairs: 5 * CONNECTIONS,
    differing: 3 * CONNECTIONS,
    unjudged: 0,
    unmatched: { online: 0, test: 0 },
  });
  expect(findingsIn(report).toSorted()).toEqual([
    'GET /list/{id}: json:$.total missing',
    'GET /orders/{id}: status changed',
    'GET /page/{id}: text changed',
  ]);
  expect(await logOf(nodesOf(running).copied, 'intercept')).toContain('limits of the comparison passed');
});
