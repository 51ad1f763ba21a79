/** Files of an archive, as data: what is where, with which mode; written down so that the same tree is the same bytes. */
import { chmod, copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type TreeEntry =
  | { readonly content: string | Uint8Array; readonly mode: number }
  | { readonly file: string; readonly mode: number }
  | { readonly link: string };

/** By path, relative to the root. */
export type Tree = Readonly<Record<string, TreeEntry>>;

/** @param folder is made anew */
export async function writeTree(folder: string, tree: Tree): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [path, entry] of Object.entries(tree)) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    if ('link' in entry) {
      await symlink(entry.link, place);
      continue;
    }
    if ('file' in entry) await copyFile(entry.file, place);
    else await writeFile(place, entry.content);
    await chmod(place, entry.mode);
  }
  await openFolders(folder, Object.keys(tree));
}

/** Whatever the umask was. */
async function openFolders(folder: string, paths: readonly string[]): Promise<void> {
  const folders = new Set<string>([folder]);
  for (const path of paths)
    for (let one = dirname(path); one !== '.'; one = dirname(one)) folders.add(join(folder, one));
  for (const one of folders) await chmod(one, 0o755);
}
