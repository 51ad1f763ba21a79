/** The licences of everything inside, in the form that Debian's packages have them in (DEP 5). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../lab/engine/images/places';

/** A part, and where its licence stands. */
export interface Part {
  readonly name: string;
  readonly comment: string;
  readonly source: string;
  /** Absolute. */
  readonly file: string;
}

/** @param node folder of the package that carries Node @param koffi, httpParser folders of these packages */
export const partsInside = (node: string, koffi: string, httpParser: string): readonly Part[] => [
  {
    name: 'tcpcopy-lab',
    comment: 'The programs, and all that is not named below.',
    source: 'https://www.npmjs.com/package/tcpcopy-lab',
    file: join(projectRoot, 'LICENSE'),
  },
  {
    name: 'Node.js',
    comment:
      'Inside the executable, with V8, libuv, OpenSSL, ICU and others; their licences stand in its own.',
    source: 'https://nodejs.org',
    file: join(node, 'LICENSE'),
  },
  {
    name: 'koffi',
    comment: 'Inside the executable: its addon.',
    source: 'https://koffi.dev',
    file: join(koffi, 'LICENSE.txt'),
  },
  {
    name: 'http-parser-js',
    comment: 'Inside the executable: what reads HTTP/1.1 for tcpcopy compare.',
    source: 'https://github.com/creationix/http-parser-js',
    file: join(httpParser, 'LICENSE.md'),
  },
];

export async function licenceText(parts: readonly Part[]): Promise<string> {
  const head =
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: tcpcopy-lab\n';
  const texts = await Promise.all(
    parts.map(async ({ name, comment, source, file }) => {
      const text = await readFile(file, 'utf8');
      const copyright = /^.*copyright.*$/im.exec(text)?.[0].trim() ?? `the authors of ${name}`;
      return [
        name === 'tcpcopy-lab' ? 'Files: *' : `Files: usr/sbin/tcpcopy`,
        `Copyright: ${copyright}`,
        `License: ${name.replaceAll(' ', '-')}`,
        indented(text),
        `Comment: ${comment} ${source}`,
        '',
      ].join('\n');
    }),
  );
  return `${head}\n${texts.join('\n')}`;
}

/** Lines of a field's text; an empty one is a dot. */
const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');
