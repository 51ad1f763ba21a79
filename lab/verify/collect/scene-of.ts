/** The scene of a running lab's copy. */
import { insideOf } from '../../plan/fence';
import { ownCopiesOf } from '../../plan/copies/own-copies';
import { tableOf } from '../../plan/copies/policy';
import { broadcastOf, formatAddress, parseSubnet } from '../../topology/addresses';
import type { RunningLab } from '../../engine/nodes/lab';
import { isFenced } from '../../topology/fenced';
import { speechOf } from '../../topology/speech';
import type { Topology, TopologyCopy, TopologyServer } from '../../topology/types';
import { firstHop, footholdsOf, routedNetworks, wayTo } from '../../topology/ways';
import { VerifyError } from './errors';
import type { Scene, SceneAssistant, SceneRouter, SceneServer } from '../evidence/scene';

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
  const server = (name: string): SceneServer => {
    const { address, server: listening } = topology.nodes[name]!;
    return { name, address, port: listening!.port };
  };
  const online = server(copy.from);
  const { network, server: tested } = topology.nodes[copy.to]!;
  const routers = await routersOf(lab);
  return {
    flavour: lab.flavour,
    // A load of the user's own may say anything, to whatever server.
    protocol: topology.load ? 'bytes' : protocolOf(tested!),
    clients: Object.entries(topology.nodes)
      .filter(([, { role }]) => role === 'client')
      .map(([name, { address, sources }]) => ({ name, address, sources })),
    online,
    test: { ...server(copy.to), hardware: await hardwareOf(lab, copy.to) },
    ...fenceOf(lab, copy.to),
    assistants: await assistantsOf(lab, copy, routers),
    passlist: topology.copies
      .filter(({ to }) => to === copy.to)
      .flatMap((other) => footholdsOf(topology.nodes[other.from]!).map(({ address }) => address)),
    ownCopies: ownCopiesOf(topology.copies.filter(({ to }) => to === copy.to)),
    network,
    broadcast: broadcastOn(topology, network),
    networks: networksWithin(topology, copy.to).map((name) => ({
      name,
      broadcast: broadcastOn(topology, name),
    })),
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

const broadcastOn = ({ networks }: Topology, name: string): string =>
  formatAddress(broadcastOf(parseSubnet(networks[name]!.subnet)!));

/** The test server's own first. */
function networksWithin(topology: Topology, test: string): string[] {
  const own = footholdsOf(topology.nodes[test]!).map(({ network }) => network);
  return [...new Set([...own, ...routedNetworks(topology)])];
}

async function assistantsOf(
  lab: RunningLab,
  { to, routes = [] }: TopologyCopy,
  routers: readonly SceneRouter[],
): Promise<SceneAssistant[]> {
  const names = [...new Set(routes.map(({ via }) => via))];
  const footholds = routers.flatMap((router) => router.footholds);
  return Promise.all(
    names.map(async (name) => {
      const { network, address } = lab.node(name).definition;
      const hops = wayTo(lab.topology, to, network) ?? [];
      const own = routes.filter(({ via }) => via === name);
      const tables = Object.fromEntries(
        own.map((route) => [route.sources, tableOf(lab.topology, to, route)] as const),
      );
      return {
        name,
        address,
        hardware: await hardwareOf(lab, name),
        sources: own.map(({ sources }) => sources),
        gateway: firstHop(lab.topology, to, name).gateway,
        by: hops.map(({ router, gateway }, index) => {
          const { device, hardware } = footholds.find((one) => one.address === gateway)!;
          return { name: router, device, hardware, next: hops[index + 1]?.gateway ?? address, tables };
        }),
      };
    }),
  );
}

/** As `ip -j address` prints it. */
interface Device {
  readonly ifname: string;
  readonly address: string;
  readonly addr_info: readonly { readonly local?: string }[];
}

function routersOf(lab: RunningLab): Promise<SceneRouter[]> {
  const routers = lab.nodes.filter(({ definition }) => definition.role === 'router');
  return Promise.all(
    routers.map(async (node) => {
      const { stdout } = await node.exec(['ip', '-j', 'address']);
      const devices = JSON.parse(stdout.toString()) as readonly Device[];
      const footholds = footholdsOf(node.definition).map(({ network, address }) => {
        const device = devices.find((one) => one.addr_info.some(({ local }) => local === address));
        if (device) return { network, address, device: device.ifname, hardware: device.address };
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
  return (await lab.node(name).readFile('/sys/class/net/eth0/address')).toString().trim();
}
