/** A node of a lab as a container: two capabilities, nothing else, and nowhere to write but memory. */
import type { EndpointSettings } from 'dockerode';
import { holderName } from '../../plan/fence';
import { besideOf } from '../../plan/services';
import type { TopologyNode } from '../../topology/types';
import { componentsPlace } from './components';
import { apiVersion, docker } from '../docker/connection';
import { labels, labelsOf, type LabIdentity } from '../docker/labels';
import { neighboursOf } from './neighbours';
import { containerName, hostNodeName, networkName, serviceContainerName } from '../docker/names';

/** What iptables, NFQUEUE, packet sockets and raw sockets need, and all that a node has. */
const capabilities = ['NET_ADMIN', 'NET_RAW'];

/** Where nginx, Redis, iptables and our programs write. */
const writable = {
  '/run': 'rw,exec,size=128m',
  '/tmp': 'rw,exec,size=1g',
  '/root': 'rw,size=1g',
  '/var/log': 'rw,size=512m',
  '/var/lib/nginx': 'rw,size=512m',
};

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

/** The node's only device has redirects on from before the settings above, and on for one device is on. */
const deviceSysctls = ['accept_redirects', 'send_redirects'];

/** Engines of this version (API 1.46) and above take a device's settings with its network. */
const DEVICE_SETTINGS_SINCE = 46;

/** What differs between nodes. */
interface Placed {
  readonly name: string;
  readonly labelled: Readonly<Record<string, string>>;
  readonly hostname?: string;
  /** Docker's network, and what of it. */
  readonly network: string;
  readonly endpoint?: EndpointSettings;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly neighbours?: readonly (readonly [name: string, address: string])[];
  /** Folder on this machine -> where it is seen, read-only. */
  readonly binds?: readonly string[];
}

/** The process of a node only sleeps, so a container that was started is ready. @returns its id */
async function startContainer(image: string, placed: Placed): Promise<string> {
  const { name, labelled, hostname, network, endpoint, neighbours = [], binds = [] } = placed;
  const container = await docker().createContainer({
    name,
    Image: image,
    Cmd: ['sleep', 'infinity'],
    Labels: labelled,
    ...(hostname !== undefined && { Hostname: hostname }),
    ...(endpoint && { NetworkingConfig: { EndpointsConfig: { [network]: endpoint } } }),
    HostConfig: {
      NetworkMode: network,
      Init: true,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: capabilities,
      SecurityOpt: ['no-new-privileges'],
      Tmpfs: writable,
      ExtraHosts: neighbours.map(([host, address]) => `${host}:${address}`),
      Binds: [...binds],
      ...(placed.sysctls && { Sysctls: placed.sysctls }),
    },
  });
  await container.start();
  return container.id;
}

function deviceSettings(apiVersion: string) {
  const settings = (device: string): [string, string][] =>
    deviceSysctls.map((name) => [`net.ipv4.conf.${device}.${name}`, '0']);
  if (Number(apiVersion.split('.')[1]) < DEVICE_SETTINGS_SINCE)
    return { withNetwork: {}, withNode: Object.fromEntries(settings('eth0')) };
  const text = settings('IFNAME').map((setting) => setting.join('='));
  return {
    withNetwork: { DriverOpts: { 'com.docker.network.endpoint.sysctls': text.join(',') } },
    withNode: {},
  };
}

/** Starts the container of a node, on its network, at its address, knowing its neighbours by their names. @returns its id */
export async function startNode(image: string, lab: LabIdentity, name: string): Promise<string> {
  const node = lab.topology.nodes[name]!;
  const { withNetwork, withNode } = deviceSettings(await apiVersion());
  return startContainer(image, {
    name: containerName(lab.name, name),
    labelled: { ...labelsOf(lab), [labels.node]: name, [labels.role]: node.role },
    hostname: name,
    network: networkName(lab.name, node.network),
    endpoint: { IPAMConfig: { IPv4Address: node.address }, ...withNetwork },
    sysctls: { ...forwards(node), ...sysctls, ...withNode },
    neighbours: neighboursOf(lab.topology, node),
    ...(lab.components && { binds: [`${lab.components.directory}:${componentsPlace}:ro`] }),
  });
}

/**
 * Starts the container whose network namespace a service beside a node will have: on the network there, in that service's place.
 *
 * @returns its id
 */
export async function startHolder(
  image: string,
  lab: LabIdentity,
  node: string,
  service: string,
): Promise<string> {
  const { network, neighbours } = besideOf(lab.topology, node);
  const address = neighbours.find(([name]) => name === service)![1];
  return startContainer(image, {
    name: `${serviceContainerName(lab.name, node, service)}-place`,
    labelled: { ...labelsOf(lab), [labels.node]: holderName(node, service), [labels.role]: 'holder' },
    hostname: service,
    network: networkName(lab.name, network),
    endpoint: { IPAMConfig: { IPv4Address: address } },
    sysctls,
    neighbours: neighbours.filter(([name]) => name !== service),
  });
}

/** Starts the pseudo-node on the host's own network, where the bridges are. @returns its id */
export async function startHostNode(image: string, lab: LabIdentity): Promise<string> {
  return startContainer(image, {
    name: containerName(lab.name, 'host'),
    labelled: { ...labelsOf(lab), [labels.node]: hostNodeName, [labels.role]: 'host' },
    network: 'host',
  });
}
