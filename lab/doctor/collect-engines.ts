/** The engines that were named, asked, and nodes on their machines. Nothing is changed there but that nodes have their image. */
import { clockOf } from '../engine/commands/clock';
import { withNodesApart, type NodesApart } from '../engine/running/apart';
import { devicesOf } from '../engine/commands/devices';
import type { LabNode } from '../engine/commands/lab';
import type { Engine } from '../engine/docker/connection';
import { reasonOf } from '../engine/docker/errors';
import { isBridge } from '../engine/docker/names';
import type { Progress } from '../engine/docker/progress';
import { presentNodeImage } from '../engine/images/ensure';
import { bringImage } from '../engine/services/bring';
import type { ClockReading } from '../clocks/clock-between';
import type { EngineFacts, EnginesFacts, Feature, SwarmFacts } from './engine-facts';
import type { Probe } from './host-facts';
import { probeWays, type ProbedMachine } from './probe-ways';

export async function collectEngines(
  engines: readonly Engine[],
  progress: Progress,
  signal: AbortSignal,
): Promise<EnginesFacts> {
  const asked = await Promise.all(engines.map(askEngine));
  const unprobed: EnginesFacts = {
    engines: asked.map(({ facts }) => facts),
    ways: [],
    clocks: [],
    notProbed: undefined,
    nowhere: [],
  };
  const answering = engines.filter((_, index) => asked[index]!.facts.fault === undefined);
  const image = await presentNodeImage().catch(() => undefined);
  if (image === undefined) {
    const reason = 'the image that nodes run on is not built yet';
    return { ...unprobed, notProbed: { reason, mend: 'lab build, and ask again' } };
  }
  try {
    await Promise.all(answering.map((engine) => bringImage(engine, image, progress, signal)));
    return await withNodesApart(image, answering, (nodes) => probe(asked, nodes, unprobed));
  } catch (cause) {
    signal.throwIfAborted();
    const mend = 'mend what is wrong with the engines, and ask again';
    return { ...unprobed, notProbed: { reason: reasonOf(cause), mend } };
  }
}

interface AskedEngine {
  readonly engine: Engine;
  readonly facts: EngineFacts;
}

async function askEngine(engine: Engine): Promise<AskedEngine> {
  const { name, address, api } = engine;
  const unknown = { name, address, survey: undefined, swarm: undefined, features: undefined };
  try {
    const [{ Version, ApiVersion }, info] = await Promise.all([
      api.version(),
      api.info() as Promise<EngineInfo>,
    ]);
    const { Architecture, KernelVersion, Swarm } = info;
    const survey = {
      version: Version,
      apiVersion: ApiVersion,
      architecture: Architecture,
      kernel: KernelVersion,
    };
    const swarm = await swarmFacts(engine, Swarm);
    const facts: EngineFacts = { ...unknown, fault: undefined, survey, swarm };
    return { engine, facts };
  } catch (cause) {
    return { engine, facts: { ...unknown, fault: reasonOf(cause) } };
  }
}

interface EngineInfo {
  readonly Architecture: string;
  readonly KernelVersion: string;
  readonly Swarm: {
    readonly LocalNodeState: string;
    readonly ControlAvailable: boolean;
    readonly NodeID: string;
    readonly NodeAddr: string;
  };
}

async function swarmFacts({ api }: Engine, swarm: EngineInfo['Swarm']): Promise<SwarmFacts> {
  const { LocalNodeState: state, ControlAvailable: isManager, NodeID: id, NodeAddr: address } = swarm;
  const nodes = isManager
    ? ((await api.listNodes()) as readonly { ID: string; Status: { State: string } }[])
    : [];
  const members = Object.fromEntries(nodes.map(({ ID, Status }) => [ID, Status.State]));
  return { state, isManager, id, address, members };
}

async function probe(
  asked: readonly AskedEngine[],
  nodes: ReadonlyMap<Engine, NodesApart>,
  unprobed: EnginesFacts,
): Promise<EnginesFacts> {
  const engines = await Promise.all(
    asked.map(async ({ engine, facts }) => {
      const apart = nodes.get(engine)?.apart;
      return apart ? { ...facts, features: await featuresOf(apart) } : facts;
    }),
  );
  const machines = await Promise.all(
    asked.flatMap(({ engine, facts }) => {
      const host = nodes.get(engine)?.host;
      return host ? [machineOf(engine, facts, host)] : [];
    }),
  );
  const reachable = machines.filter((machine): machine is ProbedMachine => machine.address !== undefined);
  const readings: (readonly [string, ClockReading])[] = [];
  for (const { engine, host } of machines) readings.push([engine, await clockOf(host)]);
  const [first, ...others] = readings;
  return {
    ...unprobed,
    engines,
    ways: await probeWays(reachable),
    clocks: others.map(([engine, reading]) => ({
      engine,
      reference: first![0],
      reading: difference(reading, first![1]),
    })),
    nowhere: machines.flatMap(({ engine, address }) => (address === undefined ? [engine] : [])),
  };
}

/** Of two clocks that were both compared with a third. */
const difference = (one: ClockReading, other: ClockReading): ClockReading => ({
  ahead_ms: one.ahead_ms - other.ahead_ms,
  error_ms: one.error_ms + other.error_ms,
});

type Machine = Omit<ProbedMachine, 'address'> & { readonly address: string | undefined };

async function machineOf(engine: Engine, { swarm }: EngineFacts, host: LabNode): Promise<Machine> {
  // In no swarm nobody has said which address is meant; where there is one, it is clear.
  const address = swarm?.address || (await onlyAddressOf(host));
  return {
    engine: engine.name,
    host,
    address,
    isManager: swarm?.isManager ?? false,
  };
}

async function onlyAddressOf(host: LabNode): Promise<string | undefined> {
  const devices = (await devicesOf(host)).filter(
    ({ ifname }) =>
      ifname !== 'lo' && ifname !== 'docker0' && ifname !== 'docker_gwbridge' && !isBridge(ifname),
  );
  const addresses = devices.flatMap(({ addr_info }) =>
    addr_info.flatMap(({ local, scope }) => (local === undefined || scope !== 'global' ? [] : [local])),
  );
  const [only, ...others] = addresses.some(isIpv4) ? addresses.filter(isIpv4) : addresses;
  return others.length === 0 ? only : undefined;
}

const isIpv4 = (address: string): boolean => !address.includes(':');

/** Tried in a network namespace that goes with the node. */
const TRIED: Readonly<Record<Feature, string>> = {
  nfqueue: 'iptables -I OUTPUT -p tcp -j NFQUEUE',
  'packet-sockets': 'test -e /proc/net/packet || { echo "there is no /proc/net/packet" >&2; false; }',
  vxlan: 'ip link add probe type vxlan id 1 dstport 4789',
};

async function featuresOf(node: LabNode): Promise<Record<Feature, Probe>> {
  const tried = Object.entries(TRIED).map(async ([feature, line]) => {
    const { exitCode, stderr } = await node.exec(['sh', '-c', line]);
    const reason = stderr.toString().trim();
    return [feature, exitCode === 0 ? { kind: 'works' } : { kind: 'fails', reason }] as const;
  });
  return Object.fromEntries(await Promise.all(tried)) as Record<Feature, Probe>;
}
