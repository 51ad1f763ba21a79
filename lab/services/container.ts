/** Containers of the user's as topologies write them: an image or a build, and how it is started. */
import { resolve } from 'node:path';
import type { TopologyFault } from '../topology/faults';
import type { ContainerOptions } from '../topology/servers/servers';
import type { ImageSource, ServiceContainer } from '../topology/servers/services';
import { faultsOfBuild, faultsOfPath } from './paths';

type Sourced =
  | { readonly image: string; readonly build?: never }
  | { readonly build: string; readonly image?: never };

export interface Reading {
  /** Of the topology's file. */
  readonly folder: string;
  /** What is found to be wrong. */
  readonly faults: TopologyFault[];
}

export function sourceOf({ image, build }: Sourced, place: string, { folder, faults }: Reading): ImageSource {
  if (image !== undefined) return { kind: 'image', image };
  const context = resolve(folder, build);
  faults.push(...faultsOfBuild(context, 'Dockerfile', `${place}.build`));
  return { kind: 'build', folder: context, dockerfile: 'Dockerfile', arguments: {} };
}

export function containerFrom(
  from: ImageSource,
  { command, env = {}, files = {}, user, limits = {} }: ContainerOptions,
  place: string,
  { folder, faults }: Reading,
): ServiceContainer {
  const resolved = Object.entries(files).map(([inside, path]) => [inside, resolve(folder, path)] as const);
  for (const [inside, path] of resolved) faults.push(...faultsOfPath(path, `${place}.files.${inside}`));
  return {
    from,
    ...(command && { command }),
    env,
    files: Object.fromEntries(resolved),
    ...(user !== undefined && { user }),
    limits,
  };
}
