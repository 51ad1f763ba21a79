/** Brings images from the engine that builds them to those that labs stand on, over the connections to them. */
import { servicesOf } from '../../plan/services';
import { enginesUsed } from '../../plan/placement';
import type { Topology } from '../../topology/types';
import { docker, engineNamed, type Engine } from '../docker/connection';
import { LabError, reasonOf } from '../docker/errors';
import type { Progress } from '../docker/progress';
import type { ImageSource } from '../../topology/servers/services';

/** Resolves when each engine has what its nodes run on; what is there already, by its digest, stays. */
export async function bringImages(
  topology: Topology,
  image: string,
  imageOf: (from: ImageSource) => string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    enginesUsed(topology).map(async (name) => {
      const engine = engineNamed(name);
      const services = servicesOf(topology).filter(({ node }) => topology.nodes[node]!.on === name);
      for (const one of new Set([image, ...services.map(({ container }) => imageOf(container.from))])) {
        await bringImage(engine, one, progress, signal);
      }
    }),
  );
}

/** Of an image that the building engine has. @throws LabError `IMAGE_NOT_BROUGHT` */
export async function bringImage(
  engine: Engine,
  image: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (await isThere(engine, image)) return;
  await progress.step(`bring ${image} to ${engine.name}`, () => bring(engine, image, signal));
}

/** An image of the same name may be another one. */
async function isThere({ api }: Engine, image: string): Promise<boolean> {
  const { Id } = await docker().getImage(image).inspect();
  const there = await api
    .getImage(image)
    .inspect()
    .catch(() => undefined);
  return there?.Id === Id;
}

async function bring({ name, api }: Engine, image: string, signal: AbortSignal): Promise<void> {
  try {
    const saved = await docker().getImage(image).get();
    const loading = await api.loadImage(saved, { abortSignal: signal });
    await new Promise<void>((resolve, reject) => {
      api.modem.followProgress(loading, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new LabError(
      'IMAGE_NOT_BROUGHT',
      `${image} cannot be brought to ${name}: ${reasonOf(cause)}`,
      undefined,
      {
        cause,
      },
    );
  }
}
