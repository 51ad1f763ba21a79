/** The images of the user's containers: there already, pulled, or built from a folder. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { WithImage } from '../../plan/services';
import type { ImageSource } from '../../topology/servers/services';
import { docker } from '../docker/connection';
import { LabError, reasonOf } from '../docker/errors';
import { labels } from '../docker/labels';
import type { Progress } from '../docker/progress';
import { pullImage } from '../images/base';
import { imageExists, outcomeOf } from '../images/build';
import { ensureFoundation, type Foundation } from '../images/ensure';
import { repository } from '../images/recipes';

type BuildSource = Extract<ImageSource, { kind: 'build' }>;

/** The name of the image that a container is made from. */
export type ImageOf = (from: ImageSource) => string;

/** Resolves when all of them are there, and rejects with the first that cannot be had. */
export async function ensureServiceImages(
  services: readonly WithImage[],
  progress: Progress,
  signal: AbortSignal,
): Promise<ImageOf> {
  const names = new Map<string, string>();
  const sources = new Map(services.map(({ container }) => [keyOf(container.from), container.from]));
  const builds = [...sources.values()].some(({ kind }) => kind === 'build');
  const foundation = builds ? await ensureFoundation(progress, signal) : undefined;
  for (const [key, from] of sources) {
    signal.throwIfAborted();
    if (from.kind === 'build') names.set(key, await ensureBuilt(from, foundation!, progress, signal));
    else {
      const places = services.filter(({ container }) => keyOf(container.from) === key);
      names.set(key, await ensurePresent(from.image, places, progress, signal));
    }
  }
  return (from) => names.get(keyOf(from))!;
}

const keyOf = (from: ImageSource): string => JSON.stringify(from);

async function ensurePresent(
  image: string,
  services: readonly WithImage[],
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  if (await imageExists(image)) return image;
  try {
    await progress.step(`pull ${image}`, () => pullImage(image, signal));
  } catch (cause) {
    signal.throwIfAborted();
    const wanted = services.map(({ node, service }) => `${service} of ${node}`).join(', ');
    throw new LabError(
      'SERVICE_IMAGE_UNAVAILABLE',
      `The image ${image} (for ${wanted}) is not here, and cannot be pulled: ${reasonOf(cause)}`,
      'Load it with `docker load`, or give a build in its place: a folder with a Dockerfile.',
      { cause },
    );
  }
  return image;
}

/** A tag is a hash of what is built, so that nothing is built twice. */
async function ensureBuilt(
  from: BuildSource,
  foundation: Foundation,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const tag = `${repository}/service:${digestOf(from, foundation)}`;
  if (await imageExists(tag)) return tag;
  await progress.step(`build image: ${from.folder}`, () => build(tag, from, foundation, signal));
  await pruneEarlier(from, tag);
  return tag;
}

async function build(
  tag: string,
  from: BuildSource,
  foundation: Foundation,
  signal: AbortSignal,
): Promise<void> {
  const { folder, dockerfile, arguments: given, target } = from;
  try {
    const stream = await docker().buildImage(
      // As dockerode has it, .dockerignore is heeded.
      { context: folder, src: readdirSync(folder) },
      {
        t: tag,
        dockerfile,
        buildargs: { TCPCOPY_LAB_BASE: foundation.base, TCPCOPY_LAB_RUNTIME: foundation.runtime, ...given },
        labels: { [labels.image]: 'service', [labels.folder]: folder },
        forcerm: true,
        ...(target !== undefined && { target }),
        abortSignal: signal,
      },
    );
    await outcomeOf(stream, tag);
  } catch (cause) {
    signal.throwIfAborted();
    throw new LabError(
      'SERVICE_IMAGE_UNAVAILABLE',
      `The image of ${join(folder, dockerfile)} cannot be built: ${reasonOf(cause)}`,
      'Where no image can be pulled, begin with: ARG TCPCOPY_LAB_BASE, then FROM ${TCPCOPY_LAB_BASE}, which is Debian 12.',
      { cause },
    );
  }
}

function digestOf(from: BuildSource, foundation: Foundation): string {
  const hash = createHash('sha256').update(JSON.stringify([from, foundation]));
  const entries = readdirSync(from.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of entries) {
    hash.update(`\n${relative(from.folder, file)}\0${statSync(file).mode}\0`);
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** What the same folder was built to before, unless a container still uses it. */
async function pruneEarlier({ folder }: BuildSource, tag: string): Promise<void> {
  const filters = JSON.stringify({ label: [`${labels.folder}=${folder}`] });
  for (const { Id, RepoTags } of await docker().listImages({ filters })) {
    if (RepoTags?.includes(tag)) continue;
    await docker()
      .getImage(Id)
      .remove()
      .catch(() => undefined);
  }
}
