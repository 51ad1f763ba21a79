/** The page's files: built from web/ when they are missing or older than what they are made of. */
import { build } from 'esbuild';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const sources = [join(root, 'web'), join(root, 'lab/web/messages'), join(root, 'package-lock.json')];
const built = join(root, 'dist/web');

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'terminal.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;
type FileName = keyof typeof TYPES;
const names = Object.keys(TYPES) as FileName[];

/** By path. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  await buildWhereOld();
  const files = await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(built, name));
      return [name === 'index.html' ? '/' : `/${name}`, { type: TYPES[name], content }] as const;
    }),
  );
  return new Map(files);
}

export interface RecordedParts {
  readonly script: string;
  readonly style: string;
  readonly icon: string;
}

/** What a page of recordings is made of. */
export async function recordedParts(): Promise<RecordedParts> {
  await buildWhereOld();
  const [script, style, icon] = await Promise.all(
    ['recorded.js', 'recorded.css', 'icon.svg'].map((name) => readFile(join(built, name), 'utf8')),
  );
  return { script: script!, style: style!, icon: icon! };
}

async function buildWhereOld(): Promise<void> {
  if ((await newest([built])) < (await newest(sources))) await buildPage();
}

export async function buildPage(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: {
      page: join(root, 'web/main.tsx'),
      recorded: join(root, 'web/recorded.tsx'),
      terminal: join(root, 'web/terminals/emulator.ts'),
    },
    outdir: built,
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  });
  await mkdir(built, { recursive: true });
  await Promise.all([
    ...outputFiles.map(({ path, contents }) => replace(path, contents)),
    ...['index.html', 'icon.svg'].map(async (name) =>
      replace(join(built, name), await readFile(join(root, 'web', name))),
    ),
  ]);
}

/** Whoever reads at the same time sees the old file or the new one. */
async function replace(path: string, content: Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, content);
  await rename(beside, path);
}

/** When the last of them was written, in milliseconds; 0 where nothing is. */
async function newest(paths: readonly string[]): Promise<number> {
  const times = paths.map(async (path) => {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
    return newest((await readdir(path)).map((name) => join(path, name)));
  });
  return Math.max(0, ...(await Promise.all(times)));
}
