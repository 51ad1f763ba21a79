/** Our two programs as an earlier commit has them: a directory for BEFORE, and for `lab up --components`. */
import { execa } from 'execa';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePrograms } from '../../lab/engine/images/bundle';
import { projectRoot } from '../../lab/engine/images/places';
import { BenchError } from '../stage/bench-error';
import { NODE_PACKAGES } from '../stage/bundle';

const PROGRAMS = ['tcpcopy', 'intercept'] as const;
/** All that the programs are made of. */
const SOURCES = ['src', 'lab', 'package.json'];

/** Only reads the repository. @param commit anything that git takes for one */
export async function writePrograms(commit: string, directory: string): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'tcpcopy-lab-programs-'));
  try {
    await extract(commit, tree);
    // Packages are this tree's: so are those that nodes have.
    await symlink(join(projectRoot, 'node_modules'), join(tree, 'node_modules'));
    const bundles = await bundlePrograms(tree, PROGRAMS);
    await mkdir(directory, { recursive: true });
    for (const name of PROGRAMS) {
      await writeFile(join(directory, `${name}.mjs`), bundles[`programs/${name}.mjs`]!.content);
      await writeFile(join(directory, name), startScript(name), { mode: 0o755 });
    }
  } finally {
    await rm(tree, { recursive: true });
  }
}

async function extract(commit: string, tree: string): Promise<void> {
  const archive = execa('git', ['-C', projectRoot, 'archive', commit, '--', ...SOURCES], {
    encoding: 'buffer',
    reject: false,
  });
  const unpacked = execa('tar', ['-x', '-C', tree], { stdin: 'pipe', reject: false });
  archive.stdout.pipe(unpacked.stdin);
  const [{ exitCode, stderr }, { exitCode: tarExitCode }] = await Promise.all([archive, unpacked]);
  if (exitCode === 0 && tarExitCode === 0) return;
  throw new BenchError(
    'USAGE',
    `git has no sources of ${commit}: ${Buffer.from(stderr).toString().trim()}`,
    'Name a commit of this repository, such as HEAD~10 or a tag.',
  );
}

/** Whatever directory of a node it stands in. The link that the program is started by gives the process its name. */
const startScript = (name: string): string => `#!/bin/sh
export NODE_PATH=${NODE_PACKAGES}
exec /opt/tcpcopy-lab/bin/${name} --disable-warning=ExperimentalWarning --max-semi-space-size=4 "$(dirname -- "$0")/${name}.mjs" "$@"
`;
