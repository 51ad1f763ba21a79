/** Answers compared while the copy runs: what tcpcopy --compare and intercept --compare find, and what it may not disturb. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Lab, LabNode } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { stopProgram } from '../stage/copy-by-hand';
import { drawing } from '../stage/drawn';
import { shell } from '../stage/verify-support';

const NODE = '/opt/tcpcopy-lab/bin/node';
const PORT = 81;
const REPORT = '/tmp/report.json';
const REPORTS = `${REPORT},/tmp/report.html,/tmp/report.xml`;
/** Of the server: a line for each request. */
const ASKED = '/tmp/asked.txt';
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

/** @param told what the log of tcpcopy says first of what is compared */
async function startCopy(
  running: Lab,
  { intercept = '', tcpcopy = '' }: Programs,
  told = '"comparing"',
): Promise<void> {
  const { online, copied } = nodesOf(running);
  const [from, to] = [online.definition.address, copied.definition.address];
  await shell(
    copied,
    `rm -f ${REPORT} /var/log/intercept.log; intercept -x ${from} -b ${to} ${intercept} -d`,
  );
  await shell(
    online,
    `rm -f /var/log/tcpcopy.log; tcpcopy -x ${PORT}-${to}:${PORT} -s ${from} ${tcpcopy} -d`,
  );
  await eventually(async () => (await running.counters('online', 'tcpcopy'))?.['armed'] === 1);
  await eventually(async () => (await logOf(online, 'tcpcopy')).includes(told));
}

async function ask(running: Lab): Promise<void> {
  const { client, online } = nodesOf(running);
  const words = [online.definition.address, `${PORT}`, `${CONNECTIONS}`];
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

const shellText = async (node: LabNode, line: string): Promise<string> =>
  (await node.exec(['sh', '-c', line])).stdout.toString().trim();

const logOf = async (node: LabNode, program: string): Promise<string> =>
  (await node.readFile(`/var/log/${program}.log`)).toString();

beforeAll(() => startServers(lab()));
afterEach(() => stopCopy(lab()));

const comparing = `--compare --compare-out ${REPORTS} --compare-ignore 'json:$.at'`;

const requestsAtTest = async (running: Lab): Promise<number> =>
  Number((await nodesOf(running).copied.exec(['wc', '-l', ASKED])).stdout.toString().split(' ')[0]);

test('faults of the next version are found at their routes, and every request has its partner', async () => {
  const running = lab();
  await startCopy(running, {
    intercept: `${comparing} --compare-fail 'differing > 0'`,
    tcpcopy: '--compare 100%',
  });
  await ask(running);
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
    'GET /page/{id}: text:<p> changed',
  ]);
  const { copied } = nodesOf(running);
  expect(await logOf(copied, 'intercept')).toContain('limits of the comparison passed');
  for (const [file, part] of [
    ['/tmp/report.html', 'GET /orders/'],
    ['/tmp/report.xml', '<testcase'],
  ] as const)
    expect((await copied.readFile(file)).toString()).toContain(part);
});

const other = drawing('other comparisons', 1);

other(
  'a share of the connections is compared, wholly, sealed where the channel is, also by two workers',
  async () => {
    const running = lab();
    const { online, copied } = nodesOf(running);
    await shell(copied, 'tcpcopy keygen >/tmp/key && chmod 600 /tmp/key');
    await online.writeFile('/tmp/key', await copied.readFile('/tmp/key'));
    await shell(online, 'chmod 600 /tmp/key');
    await startCopy(running, {
      intercept: `${comparing} --key-file /tmp/key`,
      tcpcopy: '--compare 40% --key-file /tmp/key --workers 2',
    });
    await ask(running);
    await stopCopy(running);
    const { pairs, unjudged, unmatched } = await reportOf(running);
    expect({ unjudged, unmatched, whole: pairs % 5 }).toEqual({
      unjudged: 0,
      unmatched: { online: 0, test: 0 },
      whole: 0,
    });
    expect(pairs).toBeGreaterThan(0);
    expect(pairs).toBeLessThan(4 * CONNECTIONS);
  },
);

other('whoever compares may be killed: every request is copied, and it is begun anew', async () => {
  const running = lab();
  const { copied } = nodesOf(running);
  await startCopy(running, { intercept: comparing, tcpcopy: '--compare 100%' });
  const before = await requestsAtTest(running);
  await shell(copied, 'pkill -STOP -x comparer');
  await ask(running);
  await shell(copied, 'pkill -KILL -x comparer');
  await eventually(async () => (await logOf(copied, 'intercept')).includes('comparison lost'));
  await ask(running);
  expect((await requestsAtTest(running)) - before).toBe(2 * 5 * CONNECTIONS);
  await eventually(async () => (await running.counters('test', 'intercept'))?.['compare_restarts'] === 1);
  await eventually(async () => (await shellText(copied, 'pgrep -cx comparer; true')) === '1');
  await ask(running);
  await stopCopy(running);
  const { pairs, unmatched } = await reportOf(running);
  expect({ pairs, unmatched }).toEqual({ pairs: 5 * CONNECTIONS, unmatched: { online: 0, test: 0 } });
});

other('where intercept does not compare, that is said once, and all is copied', async () => {
  const running = lab();
  const before = await requestsAtTest(running);
  await startCopy(running, { tcpcopy: '--compare 100%' }, 'not comparing');
  await ask(running);
  expect((await requestsAtTest(running)) - before).toBe(5 * CONNECTIONS);
  const told = (await logOf(nodesOf(running).online, 'tcpcopy')).split('\n');
  const refusals = told.filter((line) => line.includes('not comparing') && line.includes('start it with'));
  expect(refusals).toHaveLength(1);
});

other.play();

test('a queue that somebody else has is named, and nothing is started', async () => {
  const { copied } = nodesOf(lab());
  await shell(copied, 'intercept -Q 1 -p 36525 -P /tmp/other.pid -d');
  const { exitCode, stderr } = await copied.exec(['intercept', '--compare', '-d']);
  await shell(copied, 'kill $(cat /tmp/other.pid)');
  expect(exitCode).toBe(1);
  expect(stderr.toString()).toMatch(/cannot compare: .*NFQUEUE 1 for itself \(--compare-queue/);
});
