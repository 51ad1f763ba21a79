/** A Debian package, made by dpkg-deb. */
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeTree, type Tree } from '../content/tree';

export interface Deb {
  /** File that it is written to. */
  readonly target: string;
  /** Where the tree is put together. */
  readonly folder: string;
  readonly tree: Tree;
  /** Of its control file (deb-control(5)), without the size. */
  readonly control: Readonly<Record<string, string>>;
  /** Name -> text. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Seconds since 1970; what is later than that becomes as old. */
  readonly epoch_s: number;
}

export async function makeDeb({ target, folder, tree, control, scripts, epoch_s }: Deb): Promise<void> {
  const files = Object.entries(tree).filter(([, entry]) => !('link' in entry));
  const contents = await Promise.all(
    files.map(async ([path, entry]) => ({ path, bytes: await bytesOf(entry) })),
  );
  const size_kib = contents.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 1024), 0);
  const fields = { ...control, 'Installed-Size': String(size_kib) };
  const configuration = contents
    .filter(({ path }) => path.startsWith('etc/'))
    .map(({ path }) => `/${path}\n`);
  await writeTree(folder, {
    ...tree,
    'DEBIAN/control': {
      content: Object.entries(fields)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
      mode: 0o644,
    },
    'DEBIAN/conffiles': { content: configuration.join(''), mode: 0o644 },
    'DEBIAN/md5sums': {
      content: contents
        .filter(({ path }) => !path.startsWith('etc/'))
        .map(({ path, bytes }) => `${createHash('md5').update(bytes).digest('hex')}  ${path}\n`)
        .join(''),
      mode: 0o644,
    },
    ...Object.fromEntries(
      Object.entries(scripts).map(([name, content]) => [`DEBIAN/${name}`, { content, mode: 0o755 }]),
    ),
  });
  await execa('dpkg-deb', ['--root-owner-group', '-Zxz', '-z0', '--build', folder, target], {
    env: { SOURCE_DATE_EPOCH: String(epoch_s) },
  });
}

async function bytesOf(entry: Tree[string]): Promise<Uint8Array> {
  if ('link' in entry) return new Uint8Array(0);
  if ('file' in entry) return readFile(entry.file);
  return typeof entry.content === 'string' ? Buffer.from(entry.content) : entry.content;
}
