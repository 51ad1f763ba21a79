/** A node of a lab as a container: two capabilities, nothing else, and nowhere to write but memory. */
import { GenericContainer, type WaitStrategy } from 'testcontainers';
import { holderName } from '../../plan/fence';
import { besideOf } from '../../plan/services';
import type { TopologyNode } from '../../topology/types';
import { componentsPlace } from './components';
import { docker } from '../docker/connection';
import { labels, labelsOf, type LabIdentity } from '../docker/labels';
import { neighboursOf } from './neighbours';
import { containerName, hostNodeName, networkName, serviceContainerName } from '../docker/names';

/** What iptables, NFQUEUE, packet sockets and raw sockets need, and all that a node has. */
const capabilities = ['NET_ADMIN', 'NET_RAW'] as const;

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

/** The process of a node only sleeps, so a container that was started is ready. */
const startedIsReady: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => startedIsReady,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 0,
};

/** The node's only device has redirects on from before the settings above, and on for one device is on. */
const deviceSysctls = ['accept_redirects', 'send_redirects'];

/** Engines of this version (API 1.46) and above take a device's settings with its network. */
const DEVICE_SETTINGS_SINCE = 46;

class NodeContainer extends GenericContainer {
  constructor(image: string, labelled: Record<string, string>) {
    super(image);
    this.autoCleanup = false;
    this.hostConfig.Init = true;
    this.hostConfig.ReadonlyRootfs = true;
    this.withLabels(labelled)
      .withCommand(['sleep', 'infinity'])
      .withDroppedCapabilities('ALL')
      .withAddedCapabilities(...capabilities)
      .withSecurityOpt('no-new-privileges')
      .withTmpFs(writable)
      .withWaitStrategy(startedIsReady);
  }

  /** Puts the node on its network, at its address, knowing its neighbours by their names. */
  at(lab: LabIdentity, name: string, node: TopologyNode, apiVersion: string): this {
    const network = networkName(lab.name, node.network);
    const { withNetwork, withNode } = deviceSettings(apiVersion);
    this.createOpts.Hostname = name;
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: node.address }, ...withNetwork } },
    };
    this.hostConfig.Sysctls = { ...forwards(node), ...sysctls, ...withNode };
    if (lab.components) {
      const { directory } = lab.components;
      this.withBindMounts([{ source: directory, target: componentsPlace, mode: 'ro' }]);
    }
    const neighbours = neighboursOf(lab.topology, node).map(([host, ipAddress]) => ({ host, ipAddress }));
    return this.withName(containerName(lab.name, name)).withNetworkMode(network).withExtraHosts(neighbours);
  }

  /** Puts it on the network beside a node, in the place of one of the services there. */
  beside(lab: LabIdentity, node: string, service: string): this {
    const { network, neighbours } = besideOf(lab.topology, node);
    const docker = networkName(lab.name, network);
    const address = neighbours.find(([name]) => name === service)![1];
    this.createOpts.Hostname = service;
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [docker]: { IPAMConfig: { IPv4Address: address } } },
    };
    this.hostConfig.Sysctls = sysctls;
    const hosts = neighbours.filter(([name]) => name !== service);
    return this.withName(`${serviceContainerName(lab.name, node, service)}-place`)
      .withNetworkMode(docker)
      .withExtraHosts(hosts.map(([host, ipAddress]) => ({ host, ipAddress })));
  }

  /** Puts the node on the host's own network, where the bridges are. */
  onHost(lab: LabIdentity): this {
    return this.withName(containerName(lab.name, 'host')).withNetworkMode('host');
  }
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

/** Starts the container of a node and returns its id. */
export async function startNode(image: string, lab: LabIdentity, name: string): Promise<string> {
  const node = lab.topology.nodes[name]!;
  const labelled = { ...labelsOf(lab), [labels.node]: name, [labels.role]: node.role };
  const { ApiVersion } = await docker().version();
  const started = await new NodeContainer(image, labelled).at(lab, name, node, ApiVersion).start();
  return started.getId();
}

/** Starts the container whose network namespace a service beside a node will have, and returns its id. */
export async function startHolder(
  image: string,
  lab: LabIdentity,
  node: string,
  service: string,
): Promise<string> {
  const labelled = { ...labelsOf(lab), [labels.node]: holderName(node, service), [labels.role]: 'holder' };
  const started = await new NodeContainer(image, labelled).beside(lab, node, service).start();
  return started.getId();
}

/** Starts the pseudo-node on the host's network and returns its id. */
export async function startHostNode(image: string, lab: LabIdentity): Promise<string> {
  const labelled = { ...labelsOf(lab), [labels.node]: hostNodeName, [labels.role]: 'host' };
  const started = await new NodeContainer(image, labelled).onHost(lab).start();
  return started.getId();
}
