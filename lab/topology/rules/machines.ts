/** What is wrong with machines as nodes, and with the network that is theirs. */
import type { TopologyFault } from '../faults';
import { machineOf } from '../machines';
import type { AnyTopology, TopologyNode } from '../types';

type AnyNode = TopologyNode<{ readonly kind?: string; readonly port: number; readonly protocol?: string }>;

export function faultsOfMachines(topology: AnyTopology): TopologyFault[] {
  const nodes = Object.entries(topology.nodes) as [string, AnyNode][];
  const all = nodes.length > 0 && nodes.every(([, node]) => machineOf(node));
  const nobody = {
    place: 'nodes',
    message: 'all nodes are machines, and nobody is a client',
    mend: `Add one: client: { role: 'client', … }.`,
  };
  return [
    ...(all ? [nobody] : []),
    ...nodes.flatMap(([name, node]) =>
      machineOf(node) ? faultsOfMachine(topology, name, node) : faultsOfContainer(name, node),
    ),
    ...faultsOfSharedMachines(nodes),
    ...Object.keys(topology.networks).flatMap((name) => faultsOfOwnNetwork(topology, name)),
  ];
}

function faultsOfMachine({ networks }: AnyTopology, name: string, node: AnyNode): TopologyFault[] {
  const here = `nodes.${name}`;
  const faults: TopologyFault[] = [];
  const add = (place: string, message: string, mend: string): void =>
    void faults.push({ place: `${here}.${place}`, message, mend });
  const { role, network, server } = node;
  if (role === 'client' || role === 'router')
    add(
      'on',
      `a ${role} is a container of the lab's, not a machine`,
      'Leave out `on`: it reaches the machines by the device of their network.',
    );
  if (Object.hasOwn(networks, network) && networks[network]!.device === undefined)
    add(
      'network',
      `network ${network} is within the engine's machine, where no other machine is on it`,
      `Say by which device of the engine's machine it is reached: ${network}: { subnet: '…', internal: false, device: 'eth0' }.`,
    );
  for (const key of ['networks', 'networks6', 'address6'] as const)
    if (node[key] !== undefined) add(key, 'a machine is a node by one IPv4 address of its own', 'Remove it.');
  if (server && server.kind !== 'present')
    add(
      'server',
      'the lab starts no server on a machine',
      `Say what runs there: server: { kind: 'present', port: ${server.port}, protocol: 'http' }.`,
    );
  return faults;
}

function faultsOfContainer(name: string, { server }: AnyNode): TopologyFault[] {
  const place = `nodes.${name}.server`;
  if (server?.kind === 'present') {
    const mend = `Say where it is: on: { ssh: 'ops@host', device: 'eth0' }; or let the lab start one: kind: 'nginx'.`;
    return [{ place, message: 'nothing runs already in a container of the lab', mend }];
  }
  if (server?.kind === undefined || server.protocol === undefined) return [];
  const message = `${server.kind} speaks what it speaks`;
  return [{ place: `${place}.protocol`, message, mend: 'Remove it.' }];
}

/** Both would have the same folder, queue and port there. */
function faultsOfSharedMachines(nodes: readonly [string, AnyNode][]): TopologyFault[] {
  const holders = new Map<string, string>();
  return nodes.flatMap(([name, node]) => {
    const ssh = machineOf(node)?.ssh;
    const holder = ssh === undefined ? undefined : holders.get(ssh);
    if (ssh !== undefined && holder === undefined) holders.set(ssh, name);
    if (holder === undefined) return [];
    const message = `${ssh} is node ${holder} already`;
    return [{ place: `nodes.${name}.on.ssh`, message, mend: 'Give each node a machine of its own.' }];
  });
}

function faultsOfOwnNetwork({ networks, nodes, links = {} }: AnyTopology, name: string): TopologyFault[] {
  const here = `networks.${name}`;
  const { device, internal, subnet6, ownSourcesOnly } = networks[name]!;
  if (device === undefined) {
    if (internal) return [];
    const mend = 'Write true: a network of a lab must not reach out of this machine.';
    return [{ place: `${here}.internal`, message: 'only a network of machines reaches out', mend }];
  }
  const faults: TopologyFault[] = [];
  const add = (place: string, message: string, mend: string): void =>
    void faults.push({ place, message, mend });
  if (internal)
    add(`${here}.internal`, `what leaves by ${device} leaves the engine's machine`, 'Write false.');
  if (!Object.values(nodes).some((node) => machineOf(node) && node.network === name))
    add(`${here}.device`, 'no machine is on this network', 'Remove it, and write internal: true.');
  if (Object.values(nodes).some(({ role, networks: further = {} }) => role === 'router' || name in further))
    add(
      `${here}.device`,
      'machines have no routes of the lab',
      'Put every node on this network alone, without routers.',
    );
  if (subnet6 !== undefined) add(`${here}.subnet6`, 'machines are nodes over IPv4 only', 'Remove it.');
  if (ownSourcesOnly)
    add(
      `${here}.ownSourcesOnly`,
      'the lab drops nothing on machines',
      'Remove it: their network does, or does not.',
    );
  if (Object.hasOwn(links, name))
    add(`links.${name}`, 'the lab impairs no network of machines', 'Remove it.');
  return faults;
}
