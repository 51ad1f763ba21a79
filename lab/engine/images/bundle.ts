/** Turns the programs' TypeScript into one JavaScript file each, as the nodes run them. */
import { build } from 'esbuild';
import { join } from 'node:path';
import { LabError, reasonOf } from '../docker/errors';
import { addons, programs, projectRoot } from './recipes';

/** Packages with native parts; the nodes have them as packages. */
const externals = [...addons, 'koffi'];

/**
 * The bundles as part of a build context: `programs/<name>.mjs`.
 *
 * @param root of a tree of this project's sources, with the packages that they need; this one's by default
 */
export async function bundlePrograms(root = projectRoot): Promise<Record<string, { content: string }>> {
  try {
    const files = await bundle(root);
    return Object.fromEntries(files.map(({ path, text }) => [path.slice(1), { content: text }]));
  } catch (cause) {
    const message = `The programs cannot be bundled: ${reasonOf(cause)}`;
    throw new LabError('IMAGE_BUILD_FAILED', message, 'Correct the sources; `npm run types` tells more.', {
      cause,
    });
  }
}

async function bundle(root: string) {
  const entryPoints = Object.fromEntries(
    Object.entries(programs).map(([name, entry]) => [name, join(root, entry)]),
  );
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
