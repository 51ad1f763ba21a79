/** A node of a lab as a container: where it stands, who it is, whom it knows. */
import type { Container } from 'dockerode';
import { holderName } from '../../plan/fence';
import { besideOf } from '../../plan/services';
import type { TopologyNode } from '../../topology/types';
import { componentsPlace } from './components';
import type { StartPlaced } from './placed';
import { startByEngine } from './start-by-engine';
import { apiVersion, type Engine } from '../docker/connection';
import { labels, labelsOf, type LabIdentity } from '../docker/labels';
import { engineFor } from '../labs/engine-for';
import { neighboursOf } from './neighbours';
import { endpointAt, endpointIn } from './network';
import { containerName, hostNodeName, networkName, serviceContainerName } from '../docker/names';

/** Only routers forward. */
const forwards = ({ role }: TopologyNode) => ({ 'net.ipv4.ip_forward': role === 'router' ? '1' : '0' });

/** A node redirects nobody, and believes that its neighbours' sources are their own. */
const sysctls = {
  'net.ipv4.conf.all.accept_redirects': '0',
  'net.ipv4.conf.default.accept_redirects': '0',
  'net.ipv4.conf.all.send_redirects': '0',
  'net.ipv4.conf.default.send_redirects': '0',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '0',
};

/** Nobody tells a node of routes, or of addresses. */
const sysctls6 = ({ role, address6 }: TopologyNode) =>
  address6 === undefined
    ? {}
    : {
        'net.ipv6.conf.all.disable_ipv6': '0',
        'net.ipv6.conf.default.disable_ipv6': '0',
        'net.ipv6.conf.default.accept_ra': '0',
        'net.ipv6.conf.default.accept_redirects': '0',
        'net.ipv6.conf.all.forwarding': role === 'router' ? '1' : '0',
        // Programs of a client may speak from all of its `sources`, which IPv6 lets nobody bind to by a local route alone.
        'net.ipv6.ip_nonlocal_bind': role === 'client' ? '1' : '0',
      };

/**
 * The node's only device has redirects on from before the settings above, and on for one device is on; of IPv6, each device
 * has settings of its own.
 */
const deviceSysctls = (device: string, { address6 }: TopologyNode): [string, string][] => [
  [`net.ipv4.conf.${device}.accept_redirects`, '0'],
  [`net.ipv4.conf.${device}.send_redirects`, '0'],
  ...(address6 === undefined
    ? []
    : ['accept_ra', 'accept_redirects'].map((name): [string, string] => [
        `net.ipv6.conf.${device}.${name}`,
        '0',
      ])),
];

/** Engines of this version (API 1.46) and above take a device's settings with its network. */
const DEVICE_SETTINGS_SINCE = 46;

/** By the engine's API, or, where LAB_NODES_BY asks for it, by testcontainers, which takes longer to load than a node to start. */
const startContainer: StartPlaced = async (engine, image, placed) => {
  const { LAB_NODES_BY } = process.env;
  if (LAB_NODES_BY !== 'testcontainers') return startByEngine(engine, image, placed);
  const { startByTestcontainers } = await import('./start-by-testcontainers');
  return startByTestcontainers(engine, image, placed);
};

function deviceSettings(apiVersion: string, node: TopologyNode) {
  const settings = (device: string): [string, string][] => deviceSysctls(device, node);
  if (Number(apiVersion.split('.')[1]) < DEVICE_SETTINGS_SINCE)
    return { withNetwork: {}, withNode: Object.fromEntries(settings('eth0')) };
  const text = settings('IFNAME').map((setting) => setting.join('='));
  return {
    withNetwork: { DriverOpts: { 'com.docker.network.endpoint.sysctls': text.join(',') } },
    withNode: {},
  };
}

/** Starts the container of a node, on its network, at its address, knowing its neighbours by their names. */
export async function startNode(image: string, lab: LabIdentity, name: string): Promise<Container> {
  const node = lab.topology.nodes[name]!;
  const engine = engineFor(lab, name);
  const { withNetwork, withNode } = deviceSettings(await apiVersion(engine), node);
  return startContainer(engine, image, {
    name: containerName(lab.name, name),
    labelled: { ...labelsOf(lab), [labels.node]: name, [labels.role]: node.role },
    hostname: name,
    network: networkName(lab.name, node.network),
    endpoint: { ...endpointIn(lab, node.network, node), ...withNetwork },
    sysctls: { ...forwards(node), ...sysctls, ...sysctls6(node), ...withNode },
    neighbours: neighboursOf(lab.topology, node),
    ...(lab.components && { folder: { from: lab.components.directory, to: componentsPlace } }),
  });
}

/**
 * Starts the container whose network namespace a service beside a node will have: on the network there, in that service's place.
 */
export async function startHolder(
  image: string,
  lab: LabIdentity,
  node: string,
  service: string,
): Promise<Container> {
  const { network, neighbours } = besideOf(lab.topology, node);
  const address = neighbours.find(([name]) => name === service)![1];
  return startContainer(engineFor(lab, node), image, {
    name: `${serviceContainerName(lab.name, node, service)}-place`,
    labelled: { ...labelsOf(lab), [labels.node]: holderName(node, service), [labels.role]: 'holder' },
    hostname: service,
    network: networkName(lab.name, network),
    endpoint: endpointAt({ address }),
    sysctls,
    neighbours: neighbours.filter(([name]) => name !== service),
  });
}

/** Starts the pseudo-node on the host's own network, where the bridges are. */
export async function startHostNode(image: string, lab: LabIdentity, engine: Engine): Promise<Container> {
  return startContainer(engine, image, {
    name: containerName(lab.name, 'host'),
    labelled: { ...labelsOf(lab), [labels.node]: hostNodeName, [labels.role]: 'host' },
    network: 'host',
  });
}

/** Starts a node without a network. */
export async function startNodeApart(image: string, lab: LabIdentity, engine: Engine): Promise<Container> {
  return startContainer(engine, image, {
    name: containerName(lab.name, 'apart'),
    labelled: { ...labelsOf(lab), [labels.node]: '(apart)', [labels.role]: 'host' },
    network: 'none',
  });
}
