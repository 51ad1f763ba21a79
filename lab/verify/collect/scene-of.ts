/** The scene of a running lab's copy. */
import { insideOf } from '../../plan/fence';
import { ownCopiesOf } from '../../plan/copies/own-copies';
import { enginesOn } from '../../plan/placement';
import { tableOf } from '../../plan/copies/policy';
import { addressAt, familyIn, highestIn, parseSubnet, type Family } from '../../topology/addresses';
import { copiedAddressesOf } from '../../topology/families';
import { deviceAt, devicesOf } from '../../engine/commands/devices';
import type { RunningLab } from '../../engine/commands/lab';
import { isFenced } from '../../topology/servers/fenced';
import { deviceOf, machineOf } from '../../topology/machines';
import { speechOf } from '../../topology/servers/speech';
import type { Topology, TopologyCopy, TopologyRoute, TopologyServer } from '../../topology/types';
import { addressesOf, addressIn, firstHop, footholdsOf, routedNetworks, wayTo } from '../../topology/ways';
import { VerifyError } from './errors';
import type {
  Scene,
  SceneAssistant,
  SceneNetwork,
  SceneNode,
  SceneRouter,
  SceneServer,
} from '../evidence/scene';

/** @param from the online server whose copy is meant, by default the first */
export async function sceneOf(lab: RunningLab, from?: string): Promise<Scene> {
  const { topology } = lab;
  const copy = topology.copies.find((candidate) => from === undefined || candidate.from === from);
  if (!copy) {
    throw new VerifyError(
      'NOTHING_COPIED',
      `Topology ${topology.name} copies nothing, so there is nothing to verify.`,
      'Give it a copy: copies: [{ architecture, from, to }].',
    );
  }
  const known = (name: string): SceneNode => {
    const addresses = copiedAddressesOf(topology, copy, name);
    const device = machineOf(topology.nodes[name]!)?.device;
    return { name, address: addresses[0]!, addresses, ...(device !== undefined && { device }) };
  };
  const server = (name: string): SceneServer => ({
    ...known(name),
    port: topology.nodes[name]!.server!.port,
  });
  const online = server(copy.from);
  const { network, server: tested } = topology.nodes[copy.to]!;
  const routers = await routersOf(lab);
  return {
    flavour: lab.flavour,
    // A load of the user's own may say anything, to whatever server.
    protocol: topology.load ? 'bytes' : protocolOf(tested!),
    clients: Object.entries(topology.nodes)
      .filter(([, { role }]) => role === 'client')
      .map(([name, { sources }]) => ({ ...known(name), sources })),
    online,
    test: { ...server(copy.to), hardware: await hardwareOf(lab, copy.to) },
    ...fenceOf(lab, copy.to),
    assistants: await assistantsOf(lab, copy, routers),
    passlist: topology.copies
      .filter(({ to }) => to === copy.to)
      .flatMap((other) => addressesOf(topology.nodes[other.from]!)),
    ownCopies: ownCopiesOf(topology.copies.filter(({ to }) => to === copy.to)),
    network,
    broadcast: broadcastOn(topology, network),
    networks: await Promise.all(
      networksWithin(topology, copy.to).map(async (name) => ({
        name,
        broadcast: broadcastOn(topology, name),
        ...(await spanOf(lab, name, copy.to)),
        hasIpv6: topology.networks[name]!.subnet6 !== undefined,
      })),
    ),
    routers,
  };
}

function fenceOf({ topology }: RunningLab, name: string): Pick<Scene, 'fence'> {
  const node = topology.nodes[name]!;
  if (!isFenced(node)) return {};
  const { address, server } = node;
  const own = [address, ...(server.beside ? [server.beside.address] : [])];
  return { fence: { own, inside: insideOf(topology, name) } };
}

function protocolOf(server: TopologyServer): Scene['protocol'] {
  const speech = speechOf(server);
  switch (speech) {
    case 'http':
    case 'redis':
      return speech;
    case 'http2':
    case undefined:
      return 'bytes';
  }
}

/** Docker's overlays carry no broadcasts. */
async function spanOf(
  lab: RunningLab,
  network: string,
  test: string,
): Promise<Pick<SceneNetwork, 'marked' | 'engines'>> {
  const engines = enginesOn(lab.topology, network);
  if (engines.length < 2) return { marked: [], engines: [] };
  const others = lab.nodes.filter(({ name }) => name !== test);
  const marked = others.map(async (node) => {
    const foothold = footholdsOf(node.definition).find((one) => one.network === network);
    if (!foothold) return [];
    const device = deviceAt(await devicesOf(node), foothold.address);
    const { address, address6 } = foothold;
    return device ? [{ address, address6, hardware: device.address }] : [];
  });
  return { marked: (await Promise.all(marked)).flat(), engines };
}

const broadcastOn = ({ networks }: Topology, name: string): string =>
  addressAt(highestIn(parseSubnet(networks[name]!.subnet)!));

/** The test server's own first. */
function networksWithin(topology: Topology, test: string): string[] {
  const own = footholdsOf(topology.nodes[test]!).map(({ network }) => network);
  return [...new Set([...own, ...routedNetworks(topology)])];
}

async function assistantsOf(
  lab: RunningLab,
  copy: TopologyCopy,
  routers: readonly SceneRouter[],
): Promise<SceneAssistant[]> {
  const { to, routes = [] } = copy;
  const names = [...new Set(routes.map(({ via }) => via))];
  const footholds = routers.flatMap((router) => router.footholds);
  return Promise.all(
    names.map(async (name) => {
      const { definition } = lab.node(name);
      const addresses = copiedAddressesOf(lab.topology, copy, name);
      const own = routes.filter(({ via }) => via === name);
      const byRange = <T>(of: (route: TopologyRoute, family: Family) => T): Record<string, T> =>
        Object.fromEntries(own.map((route) => [route.sources, of(route, familyIn(route.sources)!)] as const));
      const hopsTo = byRange((_, family) => wayTo(lab.topology, to, definition.network, family) ?? []);
      const [hops = []] = Object.values(hopsTo);
      return {
        name,
        address: addresses[0]!,
        addresses,
        device: deviceOf(definition),
        hardware: await hardwareOf(lab, name),
        sources: own.map(({ sources }) => sources),
        gateways: byRange((_, family) => firstHop(lab.topology, to, name, family).gateway),
        by: hops.map(({ router, gateway }, index) => {
          const { device, hardware } = footholds.find((one) => one.addresses.includes(gateway))!;
          return {
            name: router,
            device,
            hardware,
            nexts: byRange(
              ({ sources }, family) => hopsTo[sources]![index + 1]?.gateway ?? addressIn(definition, family)!,
            ),
            tables: byRange((route) => tableOf(lab.topology, to, route)),
          };
        }),
      };
    }),
  );
}

function routersOf(lab: RunningLab): Promise<SceneRouter[]> {
  const routers = lab.nodes.filter(({ definition }) => definition.role === 'router');
  return Promise.all(
    routers.map(async (node) => {
      const devices = await devicesOf(node);
      const footholds = footholdsOf(node.definition).map(({ network, address, address6 }) => {
        const device = deviceAt(devices, address);
        const addresses = address6 === undefined ? [address] : [address, address6];
        if (device) return { network, addresses, device: device.ifname, hardware: device.address };
        throw new VerifyError(
          'TAP_FAILED',
          `${node.name} does not have the address ${address} of network ${network} any more.`,
          'Make the lab anew: lab down, then lab up.',
        );
      });
      return { name: node.name, footholds };
    }),
  );
}

async function hardwareOf(lab: RunningLab, name: string): Promise<string> {
  const node = lab.node(name);
  const file = `/sys/class/net/${deviceOf(node.definition)}/address`;
  return (await node.readFile(file)).toString().trim();
}
