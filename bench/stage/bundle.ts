/** Programs of the bench that run in nodes: one JavaScript file each. */
import { build } from 'esbuild';
import { join } from 'node:path';

/** The Node that nodes have. */
export const NODE = '/opt/tcpcopy-lab/bin/node';
/** Where it has the packages with native parts, which are in no bundle. */
export const NODE_PACKAGES = '/opt/tcpcopy-lab/node_modules';

/** @param entry relative to the bench's folder */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '..', entry)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}
