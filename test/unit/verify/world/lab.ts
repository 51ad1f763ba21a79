/** A lab's traffic, and the evidence that a verification of it would collect. */
import { randomFrom, type Random } from '../../../../lab/load/requests/random';
import { deriveSchedule, type LoadProfile, type Protocol } from '../../../../lab/load/requests/schedule';
import type { LoadSummary } from '../../../../lab/load/summary';
import type { Evidence } from '../../../../lab/verify/evidence/evidence';
import { markText } from '../../../../lab/verify/frames/marks';
import { rulesIn } from '../../../../src/firewall/iptables-save';
import type { Scene } from '../../../../lab/verify/evidence/scene';
import type { ServerRecord } from '../../../../lab/verify/evidence/server-record';
import { elsewhereTap, type TapEvidence, type TapPlace } from '../../../../lab/verify/evidence/tap';
import { allWatches, kernelWatches, type Watch } from '../../../../lab/verify/evidence/watch';
import { ACK, SYN } from '../../../../src/wire/tcp';
import { addressOf, capture, portOf, tcp, udp, type End, type TestFrame } from './frames';
import type { Family } from '../../../../src/wire/address/address';
import { deliver, interleave, type Request } from './random-frames';
import { redisScene, scene as httpScene } from './scene';
import { healthyState } from './state';

/** What one client's connection carries. */
export interface Connection {
  readonly client: End;
  readonly requests: readonly Request[];
}

export interface Lab {
  readonly scene: Scene;
  readonly profile: LoadProfile;
  readonly online: readonly Connection[];
  /** The copies. */
  readonly test: readonly Connection[];
  /** Frames of the test server that got past the guard. */
  readonly leaked: readonly TestFrame[];
}

const DIRECT_PORT = 51_000;

/** Every request is copied, and nothing leaks. */
export function healthyLab(
  protocol: Protocol,
  seed: number,
  requests: number,
  scene = protocol === 'http' ? httpScene : redisScene,
): Lab {
  const addresses = scene.clients.flatMap((client) => client.addresses);
  const profile: LoadProfile = { protocol, seed, run: 'abcd1234', purpose: 'lab', requests };
  const random = randomFrom(seed, 1);
  const connections = deriveSchedule(profile).map(({ number, requests: planned }) => ({
    // Some clients' ports are used again by a later connection.
    client: endOf(
      random.pick(addresses),
      40_000 + (number > 24 && random.fraction() < 0.2 ? number - 20 : number),
    ),
    requests: planned.map(({ bytes }) => bytes),
  }));
  return { scene, profile, online: connections, test: connections, leaked: [] };
}

export function evidenceOf(lab: Lab): Evidence {
  const { scene, profile } = lab;
  const frames = framesOf(lab, randomFrom(profile.seed, 2));
  const taps = tapsOf(scene, frames);
  const tapIn = (node: string): Seen => taps.find((tap) => tap.node === node)!;
  return {
    scene,
    profile,
    loads: [
      summaryOf(lab.online.flatMap(({ requests }) => requests).length, lab.online.map(portOfConnection)),
    ],
    direct: summaryOf(1, [DIRECT_PORT]),
    taps: taps.map(({ frames: seen, ...tap }) => ({
      ...tap,
      families: familiesOf(scene),
      capture: capture(seen),
      droppedByKernel: 0,
      endedEarly: undefined,
      tcpdumpCounts: Object.fromEntries(allWatches(scene).map((watch) => [watch.id, countOf(watch, seen)])),
    })),
    kernelCounts: kernelWatches(scene).map((watch) => {
      const count = countOf(watch, tapIn(watch.node).frames);
      return { watch, beforeTap: 5, tapRuns: 5, tapStillRuns: 5 + count, afterTap: 5 + count };
    }),
    records: { online: recordOf(profile, lab.online), test: recordOf(profile, lab.test) },
    state: { before: stateOf(scene), after: stateOf(scene) },
    counters: {
      tcpcopy: { before: { sent: 0 }, after: { sent: 60 } },
      intercept: { before: { replies: 0 }, after: { replies: 60 } },
    },
    fences: { before: [], after: [] },
    ended: [],
    doubtful: [],
    times: [],
    guard: undefined,
  };
}

const familiesOf = ({ networks }: Scene): Family[] =>
  networks.some(({ hasIpv6 }) => hasIpv6) ? [4, 6] : [4];

const portOfConnection = ({ client }: Connection): number => portOf(client);

function stateOf({ test }: Scene) {
  const rule = `-A OUTPUT -p tcp -m tcp --sport ${test.port} -j NFQUEUE --queue-num 0`;
  const rules = rulesIn(`:OUTPUT ACCEPT [0:0]\n${rule}\n`);
  return { ...healthyState, rules: { 4: rules, 6: rules } };
}

function framesOf({ scene, profile, online, test, leaked }: Lab, random: Random): TestFrame[] {
  const to = ({ addresses, port }: Scene['test'], connections: readonly Connection[]): TestFrame[][] =>
    lanes(connections).map((lane) =>
      lane.flatMap(({ client, requests }) => {
        const address = addresses.find((one) => isOfIpv6(one) === isOfIpv6(addressOf(client)))!;
        return deliver(client, endOf(address, port), requests, random);
      }),
    );
  const marks = (moment: 'before' | 'after'): TestFrame[] =>
    scene.test.addresses.map((address) =>
      isOfIpv6(address)
        ? udp(address, 'ff02::1', markText(profile.run, moment, 6))
        : udp(address, scene.broadcast, markText(profile.run, moment)),
    );
  const direct = scene.test.addresses.flatMap((address, index) => {
    const [own, server] = [
      endOf(scene.online.addresses[index]!, DIRECT_PORT),
      endOf(address, scene.test.port),
    ];
    return [tcp(own, server, { flags: SYN }), tcp(server, own, { flags: SYN | ACK })];
  });
  const traffic = interleave([...to(scene.online, online), ...to(scene.test, test), direct, leaked], random);
  return [...marks('before'), ...traffic, ...marks('after')];
}

const isOfIpv6 = (address: string): boolean => address.includes(':');
const endOf = (address: string, port: number): End =>
  isOfIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;

/** Connections of one client's end follow one another. */
function lanes(connections: readonly Connection[]): Connection[][] {
  const found = new Map<End, Connection[]>();
  for (const connection of connections) {
    found.set(connection.client, [...(found.get(connection.client) ?? []), connection]);
  }
  return [...found.values()];
}

interface Seen extends Pick<TapEvidence, 'name' | 'place' | 'node'> {
  readonly frames: readonly TestFrame[];
}

/** What passes each tap. Frames that are no TCP packets are broadcasts, or leaks that everybody sees. */
function tapsOf(scene: Scene, frames: readonly TestFrame[]): Seen[] {
  const { online, test } = scene;
  const clients = new Set(scene.clients.flatMap(({ addresses }) => addresses));
  const passes = (own: readonly string[], { tcp: ends }: TestFrame): boolean => {
    if (!ends) return true;
    const [from, to] = [addressOf(ends.from), addressOf(ends.to)];
    // A copy has its client's address, but comes from the online server.
    const isCopy = test.addresses.includes(to) && clients.has(from);
    return own.includes(to) || (isCopy ? own === online.addresses : own.includes(from));
  };
  const inNode = (place: TapPlace, { name, addresses }: Scene['clients'][number]): Seen => ({
    name,
    place,
    node: name,
    frames: frames.filter((frame) => passes(addresses, frame)),
  });
  return [
    ...scene.clients.map((client) => inNode('client', client)),
    inNode('online', online),
    inNode('test', test),
    {
      name: elsewhereTap(test.name),
      place: 'elsewhere',
      node: undefined,
      frames: frames.filter(({ bytes }) => Buffer.from(bytes).includes('tcpcopy-lab mark')),
    },
    { name: `bridge ${scene.network}`, place: 'bridge', node: undefined, frames },
  ];
}

function countOf(watch: Watch, frames: readonly TestFrame[]): number {
  return frames.filter(({ tcp: ends }) => {
    if (!ends) return false;
    const { source, sourcePort, destination, destinationPort } = watch;
    return (
      (source === undefined || source === addressOf(ends.from)) &&
      (sourcePort === undefined || sourcePort === portOf(ends.from)) &&
      (destination === undefined || destination === addressOf(ends.to)) &&
      (destinationPort === undefined || destinationPort === portOf(ends.to))
    );
  }).length;
}

/** What the server did with the requests, altered ones included. */
function recordOf({ protocol, run }: LoadProfile, connections: readonly Connection[]): ServerRecord {
  const requests = connections.flatMap((connection) => connection.requests);
  const heads = requests.map((bytes) => Buffer.from(bytes).toString('latin1', 0, 300));
  if (protocol === 'redis') {
    const calls: Record<string, number> = { set: 0, get: 0, incr: 0, append: 0 };
    for (const command of heads.map((head) => head.split('\r\n')[2]?.toLowerCase() ?? '')) {
      if (command in calls) calls[command]! += 1;
    }
    return { kind: 'by-command', calls };
  }
  const deliveries = new Map<string, number[]>();
  heads.forEach((head, index) => {
    const identity = new RegExp(`lab/${run}/\\d+-\\d+`).exec(head)?.[0];
    if (identity === undefined) return;
    deliveries.set(identity, [...(deliveries.get(identity) ?? []), requests[index]!.length]);
  });
  return { kind: 'by-request', deliveries };
}

const summaryOf = (requests: number, ports: readonly number[]): LoadSummary => ({
  sent: requests,
  answered: requests,
  connections: ports.length,
  ports,
  failed: [],
  duration_ms: 2_400,
  latency: { p50_ms: 0.4, p90_ms: 0.8, p99_ms: 2.1, max_ms: 9 },
});
