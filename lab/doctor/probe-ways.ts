/** What passes from each machine to each other, tried. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, RunningCommand } from '../engine/commands/lab';
import { SWARM_PORTS, TUNNEL_BYTES, type PortFate, type SwarmPort, type WayFacts } from './engine-facts';
import { LISTEN, probeToken, SEND } from './probe-programs';

/** A machine that is asked from and to. */
export interface ProbedMachine {
  readonly engine: string;
  readonly address: string;
  /** In its network namespace. */
  readonly host: LabNode;
  /** Others speak to it as the manager of the swarm. */
  readonly isManager: boolean;
}

/** Tried sizes lie so far apart; the smallest is what IPv6 needs (RFC 8200, section 5). */
const SIZE_STEP_BYTES = 4;
const SIZE_MIN_BYTES = 1280;
const LISTENS_S = 12;
const LISTEN_WITHIN_MS = 5_000;
/** What was sent last is still on its way. */
const LINGER_MS = 300;

const SIZES = Array.from(
  { length: (TUNNEL_BYTES - SIZE_MIN_BYTES) / SIZE_STEP_BYTES + 1 },
  (_, index) => TUNNEL_BYTES - index * SIZE_STEP_BYTES,
);

export async function probeWays(machines: readonly ProbedMachine[]): Promise<WayFacts[]> {
  const ways: WayFacts[] = [];
  // One after the other: what is heard somewhere is then what was sent here.
  for (const to of machines)
    for (const from of machines) if (from !== to) ways.push(await probeWay(from, to));
  return ways;
}

async function probeWay(from: ProbedMachine, to: ProbedMachine): Promise<WayFacts> {
  const { address } = to;
  const route = await routeTo(from.host, address);
  const token = probeToken(randomUUID().slice(0, 8));
  const ports = SWARM_PORTS.filter((port) => port !== '2377/tcp' || to.isManager);
  const of = (protocol: string): string =>
    ports.flatMap((port) => (port.endsWith(protocol) ? [port.split('/')[0]] : [])).join(',');
  const inside = await started(
    to.host,
    ['perl', '-e', LISTEN, address, token, String(LISTENS_S)],
    (command) => command.stderr().includes('listening'),
  );
  const filter = `src host ${route?.source ?? from.address} and (tcp or udp)`;
  const outside = await started(
    to.host,
    ['timeout', String(LISTENS_S), 'tcpdump', '-i', 'any', '-n', '-l', '-p', filter],
    (command) => command.stderr().includes('listening on'),
  );
  const { stdout } = await from.host.exec([
    'perl',
    '-e',
    SEND,
    address,
    token,
    of('tcp'),
    of('udp'),
    SIZES.join(','),
  ]);
  await sleep(LINGER_MS);
  const [heard, passed] = await Promise.all([inside.stop(), outside.stop()]);
  const observed: Observed = {
    sent: stdout.toString(),
    heard: heard.stdout.toString(),
    passed: passed.stdout.toString(),
    source: route?.source ?? from.address,
    to: address,
  };
  return {
    from: from.engine,
    to: to.engine,
    address,
    ports: Object.fromEntries(ports.map((port) => [port, fateOf(port, observed)])),
    carried_bytes: largestIn(observed.heard),
    device: route && { name: route.device, mtu_bytes: route.mtu_bytes },
  };
}

/** What programs said on both machines. */
export interface Observed {
  /** Of {@link SEND}. */
  readonly sent: string;
  /** Of {@link LISTEN}. */
  readonly heard: string;
  /** Of tcpdump there, in front of the firewall. */
  readonly passed: string;
  readonly source: string;
  readonly to: string;
}

/** In what tcpdump prints of a segment. */
const TCP_LINE = ': Flags [';

export function fateOf(port: SwarmPort, { sent, heard, passed, source, to }: Observed): PortFate {
  const [number, protocol] = port.split('/') as [string, string];
  const isHeard = heard
    .split('\n')
    .some(
      (line) =>
        line.startsWith(`${protocol} ${number} `) && (protocol === 'udp' || line.endsWith(` ${source}`)),
    );
  if (isHeard) return protocol === 'udp' || sent.includes(`answered ${number}\n`) ? 'came' : 'unanswered';
  if (sent.includes(`refused ${protocol} ${number} `)) return 'refused';
  const isPassed = passed
    .split('\n')
    .some(
      (line) => line.includes(` > ${to}.${number}: `) && line.includes(TCP_LINE) === (protocol === 'tcp'),
    );
  return isPassed ? 'stopped' : 'lost';
}

/** Datagrams that only ask for a port are smaller. */
function largestIn(heard: string): number | undefined {
  const found = [...heard.matchAll(/^udp \d+ (\d+)$/gm)].map(([, size]) => Number(size));
  const sizes = found.filter((size) => size >= SIZE_MIN_BYTES);
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

async function started(
  node: LabNode,
  argv: readonly string[],
  listens: (command: RunningCommand) => boolean,
): Promise<RunningCommand> {
  const command = await node.start(argv);
  const life = { isOver: false };
  const end = (): void => {
    life.isOver = true;
  };
  command.ended.then(end, end);
  const deadline_ms = performance.now() + LISTEN_WITHIN_MS;
  while (!listens(command)) {
    await sleep(10);
    if (life.isOver || performance.now() > deadline_ms)
      throw new Error(`${argv[0]} on ${node.name} does not listen: ${command.stderr().trim()}`);
  }
  return command;
}

async function routeTo(
  host: LabNode,
  address: string,
): Promise<{ source: string; device: string; mtu_bytes: number } | undefined> {
  const asked = await host.exec(['ip', '-j', 'route', 'get', address]);
  if (asked.exitCode !== 0) return undefined;
  const [route] = JSON.parse(asked.stdout.toString()) as { dev?: string; prefsrc?: string }[];
  if (route?.dev === undefined || route.prefsrc === undefined) return undefined;
  const { stdout } = await host.exec(['ip', '-j', 'link', 'show', 'dev', route.dev]);
  const [link] = JSON.parse(stdout.toString()) as { mtu: number }[];
  return { source: route.prefsrc, device: route.dev, mtu_bytes: link!.mtu };
}
