/** Nodes started by the engine's API. */
import { docker } from '../docker/connection';
import { CAPABILITIES, COMMAND, WRITABLE, type StartPlaced } from './placed';

export const startByEngine: StartPlaced = async (image, placed) => {
  const { name, labelled, hostname, network, endpoint, sysctls, neighbours = [], folder } = placed;
  const container = await docker().createContainer({
    name,
    Image: image,
    Cmd: COMMAND,
    Labels: labelled,
    ...(hostname !== undefined && { Hostname: hostname }),
    ...(endpoint && { NetworkingConfig: { EndpointsConfig: { [network]: endpoint } } }),
    HostConfig: {
      NetworkMode: network,
      Init: true,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: [...CAPABILITIES],
      SecurityOpt: ['no-new-privileges'],
      Tmpfs: WRITABLE,
      ExtraHosts: neighbours.map(([host, address]) => `${host}:${address}`),
      Binds: folder ? [`${folder.from}:${folder.to}:ro`] : [],
      ...(sysctls && { Sysctls: sysctls }),
    },
  });
  await container.start();
  return container;
};
