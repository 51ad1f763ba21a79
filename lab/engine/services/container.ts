/** A container of the user's: as its image has it, with Docker's default capabilities less NET_RAW. */
import type { Container, ContainerCreateOptions } from 'dockerode';
import { besideOf, type PlannedService } from '../../plan/services';
import type { HealthCheck, ServiceContainer } from '../../topology/servers/services';
import { loadService, type TopologyLoad } from '../../topology/servers/load';
import { engineOf } from '../docker/connection';
import { engineFor } from '../labs/engine-for';
import { LabError, reasonOf } from '../docker/errors';
import { labels, labelsOf, type LabIdentity } from '../docker/labels';
import { networkName, serviceContainerName } from '../docker/names';

const MIB = 2 ** 20;
const NANOSECONDS = 1_000_000;
/** A log that nobody reads must not fill the disk. */
const logConfig = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } };

/** Starts a container for a load in the network of a client. */
export async function startLoad(
  lab: LabIdentity,
  { node: name, container }: TopologyLoad & { readonly container: ServiceContainer },
  image: string,
  node: Container,
): Promise<Container> {
  const created = await engineOf(node).api.createContainer({
    name: serviceContainerName(lab.name, name, loadService),
    ...optionsOf(container, image),
    ...inNode(container, node),
    Labels: { ...labelsOf(lab), [labels.serves]: name, [labels.service]: loadService },
  });
  await created.start();
  return created;
}

/**
 * Starts it.
 *
 * @param holder the container whose network namespace it has; undefined when it has one of its own
 */
export async function startService(
  lab: LabIdentity,
  planned: PlannedService,
  image: string,
  holder: Container | undefined,
): Promise<Container> {
  const { node: name, service, container } = planned;
  try {
    const created = await engineFor(lab, name).api.createContainer({
      name: serviceContainerName(lab.name, name, service),
      ...optionsOf(container, image),
      ...(holder === undefined
        ? besideNode(lab, container, planned, planned.address!)
        : inNode(container, holder)),
      Labels: { ...labelsOf(lab), [labels.serves]: name, [labels.service]: service },
    });
    await created.start();
    return created;
  } catch (cause) {
    throw new LabError(
      'SERVICE_FAILED',
      `${service} of ${name} cannot be started: ${reasonOf(cause)}`,
      undefined,
      {
        cause,
      },
    );
  }
}

function optionsOf(container: ServiceContainer, image: string): ContainerCreateOptions {
  const { entrypoint, command, env, user, workingDirectory, volumes, health } = container;
  return {
    Image: image,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...(entrypoint && { Entrypoint: [...entrypoint] }),
    ...(command && { Cmd: [...command] }),
    ...(user !== undefined && { User: user }),
    ...(workingDirectory !== undefined && { WorkingDir: workingDirectory }),
    ...(volumes && { Volumes: Object.fromEntries(volumes.map((path) => [path, {}])) }),
    ...(health && { Healthcheck: healthOf(health) }),
  };
}

function hostConfigOf(container: ServiceContainer): NonNullable<ContainerCreateOptions['HostConfig']> {
  const { files, tmpfs, limits, init, readOnly, sharedMemory_bytes } = container;
  return {
    CapDrop: ['NET_RAW'],
    LogConfig: logConfig,
    Binds: Object.entries(files).map(([inside, path]) => `${path}:${inside}:ro`),
    ...(tmpfs && { Tmpfs: tmpfs }),
    ...(limits.memory_mb !== undefined && { Memory: limits.memory_mb * MIB }),
    ...(limits.cpus !== undefined && { NanoCpus: Math.round(limits.cpus * 1e9) }),
    ...(limits.processes !== undefined && { PidsLimit: limits.processes }),
    ...(init !== undefined && { Init: init }),
    ...(readOnly !== undefined && { ReadonlyRootfs: readOnly }),
    ...(sharedMemory_bytes !== undefined && { ShmSize: sharedMemory_bytes }),
  };
}

/** With the node's network, and its names. */
function inNode(container: ServiceContainer, node: Container): ContainerCreateOptions {
  return { HostConfig: { ...hostConfigOf(container), NetworkMode: `container:${node.id}` } };
}

/** On the internal network of its side, where everybody knows everybody by name. */
function besideNode(
  lab: LabIdentity,
  container: ServiceContainer,
  { node, service }: PlannedService,
  address: string,
): ContainerCreateOptions {
  const { network, neighbours } = besideOf(lab.topology, node);
  const docker = networkName(lab.name, network);
  return {
    Hostname: service,
    HostConfig: {
      ...hostConfigOf(container),
      NetworkMode: docker,
      ExtraHosts: neighbours.filter(([name]) => name !== service).map(([name, at]) => `${name}:${at}`),
    },
    NetworkingConfig: { EndpointsConfig: { [docker]: { IPAMConfig: { IPv4Address: address } } } },
  };
}

function healthOf({ test, interval_ms, timeout_ms, startPeriod_ms, retries }: HealthCheck) {
  return {
    Test: [...test],
    ...(interval_ms !== undefined && { Interval: interval_ms * NANOSECONDS }),
    ...(timeout_ms !== undefined && { Timeout: timeout_ms * NANOSECONDS }),
    ...(startPeriod_ms !== undefined && { StartPeriod: startPeriod_ms * NANOSECONDS }),
    ...(retries !== undefined && { Retries: retries }),
  };
}
