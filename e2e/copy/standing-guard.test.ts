/** The guard that intercept puts there itself, on a real lab: whatever becomes of the rules, no response reaches the client. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startLab, type StartedLab } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { drawing } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { shell } from '../stage/verify-support';

const NAME = 'e2e-standing-guard';

/** Connections of their own pace, until it is stopped; each request has a path of its own. */
const LOAD = `
import { Agent, get } from 'node:http';
const [, , server, mark] = process.argv;
let number = 0;
let running = true;
process.on('SIGINT', () => (running = false));
const ask = (agent) => new Promise((resolve) => {
  const request = get({ host: server, path: '/' + mark + '/' + number++, agent }, (answer) => answer.resume().on('end', resolve));
  request.on('error', resolve);
});
await Promise.all(Array.from({ length: 10 }, async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (running) {
    await ask(agent);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  agent.destroy();
}));
`;

let lab: StartedLab;
beforeAll(async () => {
  lab = await startLab(traditional, { name: NAME, bare: true });
  await lab.node('client').writeFile('/tmp/load.mjs', LOAD);
});
afterEach(async () => {
  await stop('online', 'tcpcopy');
  await stop('test', 'intercept');
});
afterAll(() => lab.down());

const addressOf = (name: string): string => lab.node(name).definition.address;

const start = {
  intercept: () =>
    shell(
      lab.node('test'),
      `intercept -x ${addressOf('online')} -b ${addressOf('test')} --guard 8080 --metrics 9101 -l /tmp/intercept.log -d`,
    ),
  tcpcopy: () =>
    shell(
      lab.node('online'),
      `tcpcopy -x 80-${addressOf('test')}:8080 -s ${addressOf('online')} --metrics 9100 -d`,
    ),
};
type Program = keyof typeof start;

async function stop(node: string, program: Program): Promise<void> {
  const gone = `while pgrep -x ${program} >/dev/null; do sleep 0.02; done`;
  await shell(lab.node(node), `pkill -TERM -x ${program}; ${gone}`);
}

async function watchClient(): Promise<{ frames(): Promise<number> }> {
  const filter = `src host ${addressOf('test')} and tcp src port 8080`;
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

const load = (mark: string) =>
  lab.node('client').start(['/opt/tcpcopy-lab/bin/node', '/tmp/load.mjs', addressOf('online'), mark]);

async function said(node: string, line: string): Promise<string> {
  const { stdout } = await lab.node(node).exec(['sh', '-c', line]);
  return stdout.toString();
}

/** Paths that a server has answered, in order of name. */
async function answered(node: string, mark: string): Promise<string[]> {
  const lines = await said(node, `grep -o '/${mark}/[0-9]*' /var/log/nginx/access.log; true`);
  return lines.split('\n').filter(Boolean).toSorted();
}

async function metric(node: 'online' | 'test', name: string): Promise<number> {
  const port = node === 'test' ? 9101 : 9100;
  const lines = (await said(node, `curl -s http://127.0.0.1:${port}/metrics`)).split('\n');
  return Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1] ?? NaN);
}

const isArmed = async (): Promise<boolean> => (await metric('online', 'tcpcopy_armed')) === 1;

/** What stands of the guard, in all tables and on all devices. */
const standing = (): Promise<string> =>
  said(
    'test',
    `iptables-save | grep tcpcopy-guard; ip6tables-save | grep tcpcopy-guard; tc filter show dev eth0 egress; tc qdisc show dev eth0 | grep clsact; true`,
  );

test.each([[['intercept', 'tcpcopy'] as const], [['tcpcopy', 'intercept'] as const]])(
  'started as %s under load, without any rule by hand: it copies, nothing leaks, and nothing is left',
  async (order) => {
    const mark = order.map(([letter]) => letter).join('');
    const client = await watchClient();
    const traffic = await load(mark);
    for (const program of order) {
      await start[program]();
      await sleep(100);
    }
    await eventually(async () => (await answered('test', mark)).length > 100);
    expect(await standing()).toMatch(/--sport 8080 .*-j NFQUEUE/);
    await traffic.stop();
    await eventually(async () => (await metric('online', 'tcpcopy_sessions_open')) === 0);
    await stop('online', 'tcpcopy');
    await stop('test', 'intercept');
    expect(await standing()).toBe('');
    expect(await client.frames()).toBe(0);
  },
);

const REWRITTEN = [
  [
    'the rule alone is deleted',
    'iptables-save -t filter | grep "^-A OUTPUT" | sed "s/^-A/iptables -D/" | sh',
  ],
  ['iptables -F', 'iptables -F'],
  ['another rule is put before it', 'iptables -I OUTPUT -p tcp --sport 8080 -j ACCEPT'],
  [
    'all tables of our rules are flushed',
    'iptables -F; iptables -t mangle -F; ip6tables -F; ip6tables -t mangle -F',
  ],
  [
    'iptables-restore takes everything away',
    'printf "*filter\\nCOMMIT\\n*mangle\\nCOMMIT\\n" | iptables-restore',
  ],
] as const;

const disturbance = drawing('rewritten firewalls', 2);

for (const [what, line] of REWRITTEN)
  disturbance(`${what} while copying: nothing leaks, and the guard is back within a second`, async () => {
    const mark = `rewritten${REWRITTEN.findIndex(([one]) => one === what)}`;
    await start.intercept();
    await start.tcpcopy();
    await eventually(isArmed);
    const client = await watchClient();
    const traffic = await load(mark);
    await eventually(async () => (await answered('test', mark)).length > 100);
    for (let trial = 1; trial <= 3; trial += 1) {
      await shell(lab.node('test'), line);
      await eventually(async () => (await metric('test', 'intercept_guard_mended_total')) >= trial, 2000);
      const copied = (await answered('test', mark)).length;
      await eventually(async () => (await answered('test', mark)).length > copied + 10);
    }
    await traffic.stop();
    await eventually(async () => (await metric('online', 'tcpcopy_sessions_open')) === 0);
    expect(await answered('test', mark)).toEqual(await answered('online', mark));
    expect(await client.frames()).toBe(0);
    if (what.startsWith('another'))
      await shell(lab.node('test'), 'iptables -D OUTPUT -p tcp --sport 8080 -j ACCEPT');
  });

disturbance('a killed intercept leaves the guard, and the next one takes it over and away', async () => {
  await start.intercept();
  const before = await standing();
  expect(before).not.toBe('');
  await shell(
    lab.node('test'),
    'pkill -KILL -x intercept; while pgrep -x intercept >/dev/null; do sleep 0.02; done',
  );
  expect(await standing()).toBe(before);
  await start.intercept();
  expect(await standing()).toBe(before);
  await stop('test', 'intercept');
  expect(await standing()).toBe('');
});

disturbance.play();
