/** Nodes started by testcontainers: the same containers, for whoever looks after theirs by it. */
import { docker } from '../docker/connection';
import { GenericContainer, type WaitStrategy } from 'testcontainers';
import { CAPABILITIES, COMMAND, WRITABLE, type Placed, type StartPlaced } from './placed';

const startedIsReady: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => startedIsReady,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 0,
};

class NodeContainer extends GenericContainer {
  constructor(image: string, placed: Placed) {
    super(image);
    const { name, labelled, hostname, network, endpoint, sysctls, neighbours = [], folder } = placed;
    this.autoCleanup = false;
    this.hostConfig.Init = true;
    this.hostConfig.ReadonlyRootfs = true;
    if (sysctls) this.hostConfig.Sysctls = sysctls;
    if (hostname !== undefined) this.createOpts.Hostname = hostname;
    if (endpoint) this.createOpts.NetworkingConfig = { EndpointsConfig: { [network]: endpoint } };
    this.withName(name)
      .withLabels(labelled)
      .withCommand(COMMAND)
      .withDroppedCapabilities('ALL')
      .withAddedCapabilities(...CAPABILITIES)
      .withSecurityOpt('no-new-privileges')
      .withTmpFs(WRITABLE)
      .withNetworkMode(network)
      .withExtraHosts(neighbours.map(([host, ipAddress]) => ({ host, ipAddress })))
      .withWaitStrategy(startedIsReady);
    if (folder) this.withBindMounts([{ source: folder.from, target: folder.to, mode: 'ro' }]);
  }
}

export const startByTestcontainers: StartPlaced = async (image, placed) => {
  const started = await new NodeContainer(image, placed).start();
  return docker().getContainer(started.getId());
};
