/** A gzipped tar archive of a tree, under one folder, for machines without dpkg. */
import { execa } from 'execa';
import { dirname, basename } from 'node:path';
import { writeTree, type Tree } from '../content/tree';

/** @param folder where the tree is put together; its name is that of the folder inside */
export async function makeTarball(
  target: string,
  folder: string,
  tree: Tree,
  epoch_s: number,
): Promise<void> {
  await writeTree(folder, tree);
  const form = [
    '--format=gnu',
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    `--mtime=@${epoch_s}`,
  ];
  const packed = ['-C', dirname(folder), '-I', 'gzip -n -4', '-cf', target, basename(folder)];
  await execa('tar', [...form, ...packed]);
}
