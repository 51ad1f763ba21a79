/** A lab with servers of all kinds, whose copy is set up by hand: many ports, one tcpcopy, one intercept. */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, Lab } from '../../../lab/library';
import { eventually } from '../../stage/eventually';
import { shell } from '../../stage/verify-support';
import { clientPortOf, problemsOf, type Played } from './judge';
import type { Kind } from './kind';
import type { ClientTask, ServerEvent, ServerTask } from './tasks';

const NODE = '/opt/tcpcopy-lab/bin/node';
const SERVER = '/tmp/otherwise-server.mts';
const CLIENT = '/tmp/otherwise-client.mts';
const RECORD = '/tmp/otherwise.log';
const LOST_SHARE = 0.05;
/** When test servers leave, and when they are back. */
const LEAVE_AFTER_MS = 700;
const BACK_AFTER_MS = 2500;
/** Between the beginnings of two kinds, so that they do not all find out at once how their test server behaves. */
const APART_MS = 40;
const LOAD_MAX_MS = 120_000;
const SETTLE_MAX_MS = 12_000;
/** What comes twice may come later. */
const LINGER_MS = 300;

export class Stage {
  private constructor(
    private readonly lab: Lab,
    private readonly kinds: readonly Kind[],
  ) {}

  /** Servers and guard; nothing copies yet. @param lab a bare one */
  static async open(lab: Lab, kinds: readonly Kind[]): Promise<Stage> {
    const stage = new Stage(lab, kinds);
    const [online, test] = [lab.node('online'), lab.node('test')];
    await Promise.all([
      startServer(online, Object.fromEntries(kinds.map(({ port, online: manner }) => [port, manner]))),
      startServer(test, Object.fromEntries(kinds.map(({ port, test: manner }) => [port, manner]))),
      writeProgram(lab.node('client'), 'client.ts', CLIENT),
      stage.#guard(),
    ]);
    return stage;
  }

  async #guard(): Promise<void> {
    const { lab, kinds } = this;
    const [online, test] = [lab.node('online').definition, lab.node('test').definition];
    const ports = kinds.map(({ port }) => port);
    const range = [Math.min(...ports), Math.max(...ports)];
    for (const { port } of kinds.filter(({ isLossy }) => isLossy))
      await shell(
        lab.node('test'),
        `iptables -A INPUT -p tcp --dport ${port} -m statistic --mode random --probability ${LOST_SHARE} -j DROP`,
      );
    const route = lab.topology.copies[0]?.routes?.[0];
    if (!route) {
      await shell(lab.node('test'), `iptables -I OUTPUT -p tcp --sport ${range.join(':')} -j NFQUEUE`);
      await shell(lab.node('test'), `intercept -x ${online.address} -b ${test.address} -d`);
      return;
    }
    const { sources, via } = route;
    const { address } = lab.node(via).definition;
    await shell(
      lab.node('test'),
      `ip route add blackhole ${sources} metric 4096 && ip route add ${sources} via ${address}`,
    );
    await shell(
      lab.node(via),
      `intercept -i eth0 -F 'tcp and src portrange ${range.join('-')}' --canary ${sources.replace(/\d+\/\d+$/, '254')} -d`,
    );
  }

  /** Starts tcpcopy, or another one in its place. */
  async copy(copied: readonly Kind[], ...options: readonly string[]): Promise<void> {
    const { lab } = this;
    const [online, test] = [lab.node('online'), lab.node('test')];
    const via = lab.topology.copies[0]?.routes?.[0]?.via;
    const heard = (via === undefined ? online : lab.node(via)).definition.address;
    const transfers = copied.map(({ port }) => `${port}-${test.definition.address}:${port}`).join(',');
    await shell(online, 'pkill -TERM -x tcpcopy; while pgrep -x tcpcopy >/dev/null; do sleep 0.05; done');
    await shell(online, ['tcpcopy -x', transfers, '-s', heard, ...options, '-d'].join(' '));
    await eventually(async () => (await lab.counters('online', 'tcpcopy'))?.['armed'] === 1);
  }

  /** Plays the clients, all side by side, until all is as it should be, or has had time enough. */
  async play(played: readonly Kind[], settleMax_ms = SETTLE_MAX_MS): Promise<Played> {
    const { lab } = this;
    const task: ClientTask = played.map((kind, index) => ({
      name: kind.name,
      host: lab.node('online').definition.address,
      port: kind.port,
      localPort: clientPortOf(kind, 0),
      client: kind.client,
      begins_ms: kind.test.away ? 0 : index * APART_MS,
      isGreeted: kind.online.greeting_bytes !== undefined,
    }));
    const load = lab.node('client').exec([NODE, CLIENT, JSON.stringify(task)], { timeout_ms: LOAD_MAX_MS });
    await Promise.all([load, ...(played.some(({ test }) => test.away) ? [this.#comeAndGo()] : [])]);
    const { stdout } = await load;
    if (stdout.length > 0) throw new Error(`clients failed:\n${stdout.toString()}`);
    const isSettled = async (): Promise<boolean> => {
      const records = await this.#records();
      return played.every((kind) => problemsOf(kind, records).length === 0);
    };
    await eventually(isSettled, settleMax_ms).catch(() => undefined);
    await sleep(LINGER_MS);
    return this.#records();
  }

  async #comeAndGo(): Promise<void> {
    const test = this.lab.node('test');
    await sleep(LEAVE_AFTER_MS);
    await test.exec(['pkill', '-USR1', '-f', SERVER]);
    await sleep(BACK_AFTER_MS - LEAVE_AFTER_MS);
    await test.exec(['pkill', '-USR2', '-f', SERVER]);
  }

  async #records(): Promise<Played> {
    const { lab } = this;
    const [online, test, doubts, counters] = await Promise.all([
      lab.node('online').readFile(RECORD),
      lab.node('test').readFile(RECORD),
      lab.node('online').exec(['grep', '"requests in doubt"', '/var/log/tcpcopy.log']),
      lab.counters('online', 'tcpcopy'),
    ]);
    return {
      online: eventsIn(online),
      test: eventsIn(test),
      doubtful: doubtfulIn(doubts.stdout),
      refused: Number(counters?.['requests_refused'] ?? 0),
    };
  }
}

async function writeProgram(node: LabNode, file: string, place: string): Promise<void> {
  await node.writeFile(place, await readFile(join(import.meta.dirname, file)));
}

async function startServer(node: LabNode, task: ServerTask): Promise<void> {
  await writeProgram(node, 'server.ts', SERVER);
  const command = await node.start([NODE, SERVER, RECORD, JSON.stringify(task)]);
  await eventually(() => command.stderr().includes('ready'));
}

const linesOf = (bytes: Buffer): string[] => bytes.toString().split('\n').filter(Boolean);

/** The last line may be half written. */
const eventsIn = (bytes: Buffer): ServerEvent[] =>
  linesOf(bytes.subarray(0, bytes.lastIndexOf('\n') + 1)).map((line) => JSON.parse(line) as ServerEvent);

function doubtfulIn(log: Buffer): Map<number, number> {
  const doubtful = new Map<number, number>();
  for (const line of linesOf(log)) {
    const { client, count } = JSON.parse(line) as { client: string; count: number };
    const port = Number(client.split(':')[1]);
    doubtful.set(port, (doubtful.get(port) ?? 0) + count);
  }
  return doubtful;
}
