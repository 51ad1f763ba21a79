/** Turns the programs' TypeScript into one JavaScript file each, as the nodes run them. */
import { build } from 'esbuild';
import { join } from 'node:path';
import { LabError, reasonOf } from '../docker/errors';
import { projectRoot } from './places';
import { addons, programs, type ProgramName } from './recipes';

/** Packages with native parts; the nodes have them as packages. */
const externals = [...addons, 'koffi'];

/**
 * The bundles as part of a build context: `programs/<name>.mjs`.
 *
 * @param root of a tree of this project's sources, with the packages that they need; this one's by default
 * @param names of the programs; by default all that nodes have
 */
export async function bundlePrograms(
  root = projectRoot,
  names = Object.keys(programs) as readonly ProgramName[],
): Promise<Record<string, { content: string }>> {
  try {
    const files = await bundle(root, names);
    return Object.fromEntries(files.map(({ path, text }) => [path.slice(1), { content: text }]));
  } catch (cause) {
    const message = `The programs cannot be bundled: ${reasonOf(cause)}`;
    throw new LabError('IMAGE_BUILD_FAILED', message, 'Correct the sources; `npm run types` tells more.', {
      cause,
    });
  }
}

async function bundle(root: string, names: readonly ProgramName[]) {
  const entryPoints = Object.fromEntries(names.map((name) => [name, join(root, programs[name])]));
  const { outputFiles } = await build({
    entryPoints,
    outdir: '/programs',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    external: externals,
    logLevel: 'silent',
    // CommonJS packages inside an ESM bundle call `require` for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
  });
  return outputFiles;
}
