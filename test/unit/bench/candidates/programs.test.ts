import { execa } from 'execa';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrograms } from '../../../../bench/candidates/programs';

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-programs-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('the programs of a commit can be started from wherever they are put', () =>
  inFolder(async (folder) => {
    await writePrograms('HEAD', join(folder, 'before'));
    for (const name of ['tcpcopy', 'intercept']) {
      await access(join(folder, 'before', name), constants.X_OK);
      const { stdout } = await execa('node', [join(folder, 'before', `${name}.mjs`), '-v']);
      expect(stdout).toMatch(new RegExp(`^${name} \\d+\\.\\d+`));
    }
  }));

test('a commit that there is not is refused', () =>
  inFolder(async (folder) => {
    await expect(writePrograms('no-such-commit', folder)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('git has no sources of no-such-commit'),
    });
  }));
