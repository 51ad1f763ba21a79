/** The guard on a real lab: in no order of starting, stopping or dying does a response reach the client. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startLab, type RunningCommand, type StartedLab } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { drawing, drawnFrom } from '../stage/drawn';
import {
  answeredPaths,
  installLoad,
  METRICS,
  metricOf,
  startLoad,
  stopProgram,
  watchClient,
} from '../stage/copy-by-hand';
import { eventually } from '../stage/eventually';
import { shell } from '../stage/verify-support';

const NAME = 'e2e-guard';
const RULE = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE';
/** What is promised. */
const STOPPED_MAX_MS = 100;
/** A program that has no core cannot look at its clock: it is shown to keep the promise where it has one, in one of so many trials. */
const TRIALS_MAX = 8;
/** In every trial. */
const STOPPED_LATEST_MS = 1000;

let lab: StartedLab;
beforeAll(async () => {
  lab = await startLab(traditional, { name: NAME, bare: true });
  await installLoad(lab);
});
afterEach(endAll);
afterAll(() => lab.down());

const addressOf = (name: string): string => lab.node(name).definition.address;

const start = {
  rule: () => shell(lab.node('test'), `iptables -I ${RULE}`),
  intercept: () =>
    shell(
      lab.node('test'),
      `intercept -x ${addressOf('online')} -b ${addressOf('test')} --metrics ${METRICS.intercept} -d`,
    ),
  tcpcopy: () =>
    shell(
      lab.node('online'),
      `tcpcopy -x 80-${addressOf('test')}:8080 -s ${addressOf('online')} --metrics ${METRICS.tcpcopy} -d`,
    ),
};
type Step = keyof typeof start;

/** In order; what does not run, or is not there, is left alone. */
const end = {
  rule: () => shell(lab.node('test'), `iptables -D ${RULE} || true`),
  intercept: () => stopProgram(lab.node('test'), 'intercept'),
  tcpcopy: () => stopProgram(lab.node('online'), 'tcpcopy'),
};

async function startAll(): Promise<void> {
  for (const step of ['rule', 'intercept', 'tcpcopy'] as const) await start[step]();
  await eventually(async () => (await metric('tcpcopy_armed')) === 1);
}

async function endAll(): Promise<void> {
  for (const step of ['tcpcopy', 'intercept', 'rule'] as const) await end[step]();
}

const load = (mark: string, connections = 10, pause_ms = 10): Promise<RunningCommand> =>
  startLoad(lab, mark, connections, pause_ms);

const answered = (node: string, mark: string): Promise<string[]> => answeredPaths(lab.node(node), mark);

const metric = (name: string): Promise<number> => metricOf(lab.node('online'), 'tcpcopy', name);

/** Whatever the online server got, the test server got: once, and nothing else. */
async function expectExact(mark: string): Promise<void> {
  const online = await answered('online', mark);
  expect(online.length).toBeGreaterThan(50);
  await eventually(async () => (await answered('test', mark)).length >= online.length);
  expect(await answered('test', mark)).toEqual(online);
}

const ORDERS: readonly (readonly Step[])[] = [
  ['rule', 'intercept', 'tcpcopy'],
  ['rule', 'tcpcopy', 'intercept'],
  ['intercept', 'rule', 'tcpcopy'],
  ['intercept', 'tcpcopy', 'rule'],
  ['tcpcopy', 'rule', 'intercept'],
  ['tcpcopy', 'intercept', 'rule'],
];

test.each(drawnFrom(ORDERS, 1))(
  'started as %s, %s, %s under load: it copies, and nothing leaks',
  async (...order) => {
    const mark = order.map(([letter]) => letter).join('');
    const client = await watchClient(lab);
    const traffic = await load(mark);
    for (const step of order) {
      await start[step]();
      await sleep(200);
    }
    const begun_ms = performance.now();
    await eventually(async () => (await answered('test', mark)).length > 0);
    process.stdout.write(
      `copying ${Math.round(performance.now() - begun_ms)} ms behind ${order.join(', ')}\n`,
    );
    await eventually(async () => (await metric('tcpcopy_armed')) === 1);
    await traffic.stop();
    await endAll();
    expect(await client.frames()).toBe(0);
  },
);

const disturbance = drawing('disturbances', 1);

disturbance(
  'the rule is taken away while copying: nothing is sent 100 ms later, and it goes on when the rule is back',
  async () => {
    await startAll();
    const traffic = await load('rule', 10, 2);
    await eventually(async () => (await answered('test', 'rule')).length > 100);
    const lateness_ms: number[] = [];
    const isPrompt = (): boolean => lateness_ms.some((late_ms) => late_ms < STOPPED_MAX_MS);
    for (let trial = 0; trial < 3 || (trial < TRIALS_MAX && !isPrompt()); trial += 1) {
      const filter = `dst host ${addressOf('test')} and tcp dst port 8080`;
      const tap = await lab
        .node('online')
        .start(['tcpdump', '--immediate-mode', '-l', '-n', '-tt', '-i', 'eth0', filter]);
      await eventually(() => tap.stderr().includes('listening on'));
      const before = (await answered('test', 'rule')).length;
      await eventually(async () => (await answered('test', 'rule')).length > before);
      const { stdout: times } = await lab
        .node('test')
        .exec(['sh', '-c', `date +%s.%N; iptables -D ${RULE}; date +%s.%N`]);
      const [before_s, after_s] = times.toString().trim().split('\n').map(Number);
      await sleep(600);
      const { stdout } = await tap.stop();
      const sentAt_s = stdout
        .toString()
        .split('\n')
        .filter(Boolean)
        .map((line) => parseFloat(line));
      expect(sentAt_s.some((time) => time < before_s!)).toBe(true);
      const late_ms = (Math.max(...sentAt_s) - after_s!) * 1000;
      process.stdout.write(`injection stopped ${late_ms.toFixed(1)} ms after the rule was gone\n`);
      expect(late_ms).toBeLessThan(STOPPED_LATEST_MS);
      lateness_ms.push(late_ms);
      const copied = (await answered('test', 'rule')).length;
      await start.rule();
      await eventually(async () => (await answered('test', 'rule')).length > copied);
    }
    await traffic.stop();
    expect(isPrompt()).toBe(true);
    expect(await metric('tcpcopy_guard_suspensions_total')).toBeGreaterThanOrEqual(3);
    await endAll();
  },
);

/** A copy that lives on, exact, though intercept is kept from it; a busy machine may keep it away for longer than copies wait. */
async function livesOn(mark: string, disturb: () => Promise<void>): Promise<void> {
  const client = await watchClient(lab);
  for (let trial = 1; ; trial += 1) {
    await startAll();
    const traffic = await load(`${mark}${trial}`);
    await eventually(async () => (await answered('test', `${mark}${trial}`)).length > 50);
    await disturb();
    await traffic.stop();
    const late = (await metric('tcpcopy_sessions_given_up_total{reason="disarmed"}')) > 0;
    if (!late) await expectExact(`${mark}${trial}`);
    await endAll();
    if (!late) break;
    expect(trial).toBeLessThan(5);
  }
  expect(await client.frames()).toBe(0);
}

disturbance('intercept stands still for a second: nothing leaks, and nothing is lost', () =>
  livesOn('still', async () => {
    await shell(lab.node('test'), 'pkill -STOP -x intercept; sleep 1; pkill -CONT -x intercept');
    await sleep(1500);
  }),
);

disturbance('intercept is killed, and another one takes over: nothing leaks, and nothing is lost', () =>
  livesOn('killed', async () => {
    const again = `intercept -x ${addressOf('online')} -b ${addressOf('test')} -d`;
    await shell(
      lab.node('test'),
      `pkill -KILL -x intercept; while pgrep -x intercept >/dev/null; do sleep 0.01; done; ${again}`,
    );
    await sleep(2500);
  }),
);

disturbance(
  'tcpcopy is killed under 50 busy connections: intercept buries them before the rule may go',
  async () => {
    await startAll();
    const client = await watchClient(lab);
    const traffic = await load('orphans', 50, 0);
    await eventually(async () => (await answered('test', 'orphans')).length > 500);
    await shell(lab.node('online'), 'pkill -KILL -x tcpcopy');
    await end.intercept();
    const { stdout } = await lab
      .node('test')
      .exec(['ss', '-tnH', 'state', 'connected', 'exclude', 'time-wait', 'sport = :8080']);
    expect(stdout.toString()).toBe('');
    await end.rule();
    await sleep(2000);
    await traffic.stop();
    expect(await client.frames()).toBe(0);
    const { stdout: log } = await lab.node('test').exec(['tail', '-n', '3', '/var/log/intercept.log']);
    expect(log.toString()).toContain('no copied connection is left');
  },
);

disturbance.play();
