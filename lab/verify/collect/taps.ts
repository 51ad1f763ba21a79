/** Taps in a running lab: tcpdump in each node and on the bridges, recording to memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode, RunningCommand, RunningLab, Vantage } from '../../engine/commands/lab';
import type { Family } from '../../topology/addresses';
import { scratchOf } from '../../plan/machines';
import { familiesAt } from '../../topology/families';
import { deviceOf, machineOfContainers, machineOfNode } from '../../topology/machines';
import { MARK_PORT } from '../../load/mark';
import { allSettled } from './all-settled';
import type { Cleanup } from './cleanup';
import { VerifyError } from './errors';
import type { Scene } from '../evidence/scene';
import {
  bridgeTap,
  elsewhereNodes,
  elsewhereTap,
  routerTap,
  underlayTap,
  type TapEvidence,
  type TapPlace,
} from '../evidence/tap';
import { allWatches, expressionOf } from '../evidence/watch';
import { expressionWithin } from '../evidence/tunnelled';
import { markText } from '../frames/marks';
import { insideTunnels, VXLAN_PORT } from '../frames/tunnel';

/** The kernel's buffer of a tap, so that a late tcpdump loses nothing. */
const BUFFER_KIB = 32 * 1024;
/** Taps in front of a server record whole frames, for the ledger; the others only what tells whose frame it is. */
const SNAP_WHOLE_BYTES = 0;
const SNAP_HEADERS_BYTES = 256;
/** A tap that nobody stopped ends by itself. */
const LIFE_S = 600;
const LISTEN_WITHIN_MS = 10_000;
/**
 * Every device but that on the lab's network, also one that comes later. Of the loopback, where nothing leaves the node,
 * only marks: they show that this tap looks, though nothing else may ever pass it.
 */
const elsewhereThan = (device: string): string =>
  `echo "not ifindex $(cat /sys/class/net/${device}/ifindex) and (not ifindex 1 or udp port ${MARK_PORT})"`;

export interface TapPlan {
  readonly name: string;
  readonly place: TapPlace;
  readonly node: string | undefined;
  /** Undefined where there is one. */
  readonly engine?: string | undefined;
  readonly families: readonly Family[];
  readonly in: LabNode;
  readonly device: string;
  /** What is recorded; by default everything. A line of shell that prints a pcap filter expression. */
  readonly filter?: string;
  /** What is looked at are the frames in these tunnels (VXLAN network identifier). */
  readonly tunnels?: number;
  readonly file: string;
}

export interface RunningTaps {
  /** Resolves when every tap has written the last marks to its file, or has had time enough to. */
  recorded(): Promise<void>;
  /** Ends the recording and reads everything back. */
  stop(): Promise<TapEvidence[]>;
}

/** Resolves when every tap listens. */
export async function startTaps(
  lab: RunningLab,
  scene: Scene,
  run: string,
  cleanup: Cleanup,
): Promise<RunningTaps> {
  const taps = await allSettled((await plans(lab, scene, run)).map((plan) => startTap(plan, cleanup)));
  return {
    recorded: async () => {
      await Promise.all(taps.map(({ plan }) => awaitMarks(plan, run)));
    },
    stop: () => Promise.all(taps.map((tap) => stopTap(tap, scene))),
  };
}

async function plans(lab: RunningLab, scene: Scene, run: string): Promise<TapPlan[]> {
  const engineOf = machineOfNode(lab.topology);
  const inNode = (name: string, place: TapPlace): TapPlan => ({
    name,
    place,
    node: name,
    engine: engineOf(name),
    families: familiesAt(lab.topology, name),
    in: lab.node(name),
    device: deviceOf(lab.node(name).definition),
    file: `${scratchOf(lab.node(name).definition)}/verify-${run}-${name}.pcap`,
  });
  return [
    ...scene.clients.map(({ name }) => inNode(name, 'client')),
    inNode(scene.online.name, 'online'),
    inNode(scene.test.name, 'test'),
    ...scene.assistants.map(({ name }) => inNode(name, 'assistant')),
    ...elsewhereNodes(scene).map((name): TapPlan => ({
      name: elsewhereTap(name),
      place: 'elsewhere',
      node: undefined,
      engine: engineOf(name),
      families: familiesAt(lab.topology, name),
      in: lab.node(name),
      device: 'any',
      filter: elsewhereThan(deviceOf(lab.node(name).definition)),
      file: `${scratchOf(lab.node(name).definition)}/verify-${run}-${name}-elsewhere.pcap`,
    })),
    ...scene.routers.flatMap(({ name, footholds }) =>
      footholds.map(({ network, device }): TapPlan => ({
        name: routerTap(name, network),
        place: 'router',
        node: undefined,
        engine: engineOf(name),
        families: familiesOn(scene, network),
        in: lab.node(name),
        device,
        file: `/tmp/verify-${run}-${name}-${network}.pcap`,
      })),
    ),
    ...(await vantagePlans(lab, scene, run)),
  ];
}

async function vantagePlans(lab: RunningLab, scene: Scene, run: string): Promise<TapPlan[]> {
  const plans = scene.networks.map(async ({ name }) => {
    const families = familiesOn(scene, name);
    return (await lab.vantages(name)).map((vantage) =>
      vantagePlan({ engine: machineOfContainers(lab.topology), ...vantage }, name, families, run),
    );
  });
  return (await Promise.all(plans)).flat();
}

const familiesOn = ({ networks }: Scene, network: string): Family[] =>
  networks.some(({ name, hasIpv6 }) => name === network && hasIpv6) ? [4, 6] : [4];

export function vantagePlan(
  { node, engine, device, tunnels }: Vantage,
  network: string,
  families: readonly Family[],
  run: string,
): TapPlan {
  const bridge = { network, engine, device, families };
  return tunnels === undefined ? bridgePlan(node, bridge, run) : underlayPlan(node, bridge, tunnels, run);
}

interface TappedBridge {
  readonly network: string;
  readonly engine?: string | undefined;
  /** Of the host. */
  readonly device: string;
  readonly families: readonly Family[];
}

function bridgePlan(
  host: LabNode,
  { network, engine, device, families }: TappedBridge,
  run: string,
): TapPlan {
  return {
    name: bridgeTap(network),
    place: 'bridge',
    node: undefined,
    engine,
    families,
    in: host,
    device,
    file: `/tmp/verify-${run}-bridge-${network}.pcap`,
  };
}

function underlayPlan(host: LabNode, bridge: TappedBridge, tunnels: number, run: string): TapPlan {
  return {
    ...bridgePlan(host, bridge, run),
    name: underlayTap(bridge.network, bridge.engine!),
    filter: `echo udp port ${VXLAN_PORT}`,
    tunnels,
  };
}

export interface RunningTap {
  readonly plan: TapPlan;
  readonly command: RunningCommand;
}

/** Resolves when it listens. */
export async function startTap(plan: TapPlan, cleanup: Cleanup): Promise<RunningTap> {
  cleanup.add(() => plan.in.exec(['rm', '-f', plan.file]));
  const whole = plan.place === 'online' || plan.place === 'test';
  const snap_bytes = whole ? SNAP_WHOLE_BYTES : SNAP_HEADERS_BYTES;
  const tcpdump = ['tcpdump', '-i', plan.device, '-n', '-U', '-s', `${snap_bytes}`, '-B', `${BUFFER_KIB}`];
  const script = `exec timeout -s INT ${LIFE_S} "$@" "$(${plan.filter ?? 'true'})"`;
  const command = await plan.in.start(['sh', '-c', script, 'sh', ...tcpdump, '-w', plan.file]);
  const life = { ended: false };
  const end = () => (life.ended = true);
  command.ended.then(end, end);
  cleanup.add(async () => {
    if (!life.ended) await command.stop(1_000);
  });
  const deadline_ms = performance.now() + LISTEN_WITHIN_MS;
  while (!command.stderr().includes('listening on')) {
    if (life.ended || performance.now() > deadline_ms) {
      throw new VerifyError(
        'TAP_FAILED',
        `Tap ${plan.name} (${tcpdump.join(' ')}) does not listen: ${command.stderr().trim() || 'it said nothing'}`,
      );
    }
    await sleep(10);
  }
  return { plan, command };
}

/**
 * The kernel hands over frames in blocks, a block that is not full after a second, and tcpdump takes what it has not
 * been handed yet with it when it is stopped. So its end is awaited in the file.
 */
export async function awaitMarks(plan: TapPlan, run: string): Promise<void> {
  await Promise.all(plan.families.map((family) => awaitText(plan, markText(run, 'after', family))));
}

async function awaitText(plan: TapPlan, text: string): Promise<void> {
  const script = 'for turn in $(seq 60); do tail -c 1000000 "$1" | grep -aqF "$2" && exit; sleep 0.15; done';
  await plan.in.exec(['sh', '-c', script, 'sh', plan.file, text]);
}

export async function stopTap({ plan, command }: RunningTap, scene: Scene): Promise<TapEvidence> {
  const early = await Promise.race([command.ended.then(() => true), sleep(0).then(() => false)]);
  const { stderr } = await command.stop();
  const said = stderr.toString();
  const [recorded, tcpdumpCounts] = await Promise.all([plan.in.readFile(plan.file), readCounts(plan, scene)]);
  const dropped = /^(\d+) packets? dropped by kernel/m.exec(said)?.[1];
  return {
    name: plan.name,
    place: plan.place,
    node: plan.node,
    engine: plan.engine,
    families: plan.families,
    capture: plan.tunnels === undefined ? recorded : insideTunnels(recorded, plan.tunnels),
    droppedByKernel: dropped === undefined ? undefined : Number(dropped),
    endedEarly: early ? said.trim() : undefined,
    tcpdumpCounts,
  };
}

/** tcpdump's own reading of the file, one number for each expression. */
async function readCounts(plan: TapPlan, scene: Scene): Promise<Record<string, number>> {
  const watches = allWatches(scene);
  const { tunnels } = plan;
  const expressions = watches.map((watch) =>
    tunnels === undefined ? expressionOf(watch) : expressionWithin(tunnels, watch),
  );
  const script =
    'file=$1; shift; for expression; do tcpdump -n --count -r "$file" "$expression" 2>/dev/null || echo; done';
  const { stdout } = await plan.in.exec(['sh', '-c', script, 'sh', plan.file, ...expressions]);
  const counts = stdout
    .toString()
    .split('\n')
    .map((line) => /^(\d+) packets?$/.exec(line)?.[1]);
  return Object.fromEntries(
    watches.flatMap(({ id }, index) => {
      const count = counts[index];
      return count === undefined ? [] : [[id, Number(count)] as const];
    }),
  );
}
