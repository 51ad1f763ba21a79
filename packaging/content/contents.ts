/** What the archives hold, by what it is; where it stands differs between a Debian package and a plain archive. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../../lab/engine/images/places';
import { bashCompletion, fishCompletion, zshCompletion } from '../pages/completions';
import { manPage, SECTION, type Edition } from '../pages/man-page';
import type { ProgramTables } from '../pages/program';
import type { Tree, TreeEntry } from './tree';
import { unitFiles } from './units';

/** Folders, relative to the root of the archive. */
export interface Places {
  readonly executables: string;
  readonly manuals: string;
  readonly bash: string;
  readonly zsh: string;
  readonly fish: string;
  readonly units: string;
  readonly configuration: string;
  readonly documents: string;
}

export const DEBIAN_PLACES: Places = {
  executables: 'usr/sbin',
  manuals: `usr/share/man/man${SECTION}`,
  bash: 'usr/share/bash-completion/completions',
  zsh: 'usr/share/zsh/vendor-completions',
  fish: 'usr/share/fish/vendor_completions.d',
  units: 'lib/systemd/system',
  configuration: 'etc/tcpcopy',
  documents: 'usr/share/doc/tcpcopy-lab',
};

/** Those that a system administrator copies from. */
export const PLAIN_PLACES: Places = {
  executables: 'sbin',
  manuals: `man/man${SECTION}`,
  bash: 'completions/bash',
  zsh: 'completions/zsh',
  fish: 'completions/fish',
  units: 'systemd',
  configuration: 'etc',
  documents: '.',
};

export interface Contents {
  /** Path of the executable. */
  readonly executable: string;
  readonly programs: readonly ProgramTables[];
  readonly edition: Edition;
  readonly licences: string;
  /** CycloneDX, as JSON. */
  readonly bill: string;
}

const text = (content: string | Uint8Array): TreeEntry => ({ content, mode: 0o644 });

export async function treeOf(
  { executable, programs, edition, licences, bill }: Contents,
  places: Places,
): Promise<Tree> {
  const tree: Record<string, TreeEntry> = {
    [join(places.executables, 'tcpcopy')]: { file: executable, mode: 0o755 },
    [join(places.executables, 'intercept')]: { link: 'tcpcopy' },
    [join(places.documents, 'copyright')]: text(licences),
    [join(places.documents, 'bom.cdx.json')]: text(bill),
  };
  for (const program of programs) {
    const { name } = program;
    tree[join(places.manuals, `${name}.${SECTION}.gz`)] = text(
      gzipSync(manPage(program, edition), { level: 9 }),
    );
    tree[join(places.bash, name)] = text(bashCompletion(program));
    tree[join(places.zsh, `_${name}`)] = text(zshCompletion(program));
    tree[join(places.fish, `${name}.fish`)] = text(fishCompletion(program));
    const example = await readFile(join(projectRoot, 'packaging/etc', `${name}.conf`), 'utf8');
    tree[join(places.configuration, `${name}.conf`)] = text(example);
  }
  for (const [name, unit] of Object.entries(unitFiles('/usr/sbin')))
    tree[join(places.units, name)] = text(unit);
  return tree;
}
