/** One executable: Node's binary, and in it both programs as one script and koffi's addon (Node's single executable applications). */
import { execa } from 'execa';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INGREDIENTS, type Architecture } from './architectures';
import { bundleStandalone } from './bundle';
import { obtainPackage } from './fetch';
import { withoutSymbols } from './without-symbols';

/** Node's and V8's, which take no others: the command line is the programs', and the environment is not asked. The lab's nodes have the same. */
export const NODE_OPTIONS: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=4',
];

/** V8 hashes names by chance, and compiled code holds hashes: with this, it does so in the same way each time. */
const SAME_BYTES = '--random-seed=1';

/** Of whose Node the blobs are made. */
const BUILDER: Architecture = 'amd64';

/** Where Node looks for what is put into it (src/node_sea.cc). */
const RESOURCE = 'NODE_SEA_BLOB';
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * @param folder made anew, for what it is made of
 * @returns its path
 * @throws FetchError
 */
export async function makeExecutable(architecture: Architecture, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { node, koffi, addon } = INGREDIENTS[architecture];
  const blob = await makeBlob(architecture, folder, join(await obtainPackage(koffi), addon));
  const binary = await readFile(join(await obtainPackage(node), 'bin/node'));
  const executable = join(folder, 'tcpcopy');
  await writeFile(executable, withoutSymbols(binary), { mode: 0o755 });
  const postject = join(await obtainPackage('postject'), 'dist/cli.js');
  await execa(process.execPath, [postject, executable, RESOURCE, blob, '--sentinel-fuse', FUSE]);
  return executable;
}

/** Read by the Node of the same version that made it, on whatever architecture; what is compiled in it, on its own only. */
async function makeBlob(architecture: Architecture, folder: string, addon: string): Promise<string> {
  await writeFile(join(folder, 'main.cjs'), await bundleStandalone());
  const settings = {
    // Names that say nothing of where it is made: they are in the blob.
    main: 'main.cjs',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: architecture === BUILDER,
    execArgv: NODE_OPTIONS,
    execArgvExtension: 'none',
    // Threads are started from the script, which is in no file where it runs.
    assets: { 'koffi.node': addon, 'main.cjs': 'main.cjs' },
  };
  await writeFile(join(folder, 'sea.json'), JSON.stringify(settings));
  const builder = join(await obtainPackage(INGREDIENTS[BUILDER].node), 'bin/node');
  await execa(builder, [SAME_BYTES, '--experimental-sea-config', 'sea.json'], {
    cwd: folder,
    env: { NODE_OPTIONS: '' },
  });
  return join(folder, 'blob');
}
