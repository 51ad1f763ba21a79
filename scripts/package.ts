/**
 * Makes the npm package: what its files become in dist/package, and of these a tarball in dist, whose path is printed.
 *
 * Where the files of a checkout find others from where they stand themselves, those of the package find them as well: it has
 * the same folders.
 */
import { build as bundle, type Plugin } from 'esbuild';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { bundlePrograms } from '../lab/engine/images/bundle';
import { folderOfPackage, projectRoot } from '../lab/engine/images/places';
import { addons } from '../lab/engine/images/recipes';
import { buildPage } from '../lab/web/serve/page';

const target = join(projectRoot, 'dist/package');

/** Name in the package -> where it begins. */
const entries = {
  index: 'lab/library/index.ts',
  jest: 'lab/library/jest.ts',
  vitest: 'lab/library/vitest.ts',
  command: 'lab/cli/main.ts',
};

/** How the command is called where there is no checkout. */
const COMMAND = 'npx tcpcopy-lab';

/** The library and the command; npm's packages stay dependencies. */
async function compile(): Promise<void> {
  await bundle({
    entryPoints: entries,
    absWorkingDir: projectRoot,
    outdir: join(target, 'lib'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    plugins: [places],
  });
}

/** A file finds what stands in other folders from its own; and it calls the command as users have it. */
const places: Plugin = {
  name: 'places',
  setup: (build) => {
    build.onLoad({ filter: /\/(lab|src)\/.*\.ts$/ }, async ({ path }) => {
      const folder = relative(projectRoot, dirname(path));
      const contents = (await readFile(path, 'utf8'))
        .replaceAll('import.meta.dirname', `(import.meta.dirname + '/../${folder}')`)
        .replaceAll('./bin/lab', COMMAND)
        .replace(/`lab (?=[a-z])/g, `\`${COMMAND} `);
      return { contents, loader: 'ts' };
    });
  },
};

/** The declarations that the entries reach, under the names that Node's own resolution finds. Whether types fit is not asked here, but by `npm run types`. */
async function declare(): Promise<void> {
  // What is there already is made anew only where it has changed.
  const made = join(projectRoot, 'dist/types');
  await execa('node_modules/.bin/tsc', ['-p', 'lab/library', '--noCheck', '--singleThreaded'], {
    cwd: projectRoot,
  });
  const wanted = [...Object.values(entries).slice(0, 3), ...(await topologyFiles())];
  const reached = new Set(wanted.map((file) => file.replace(/\.ts$/, '')));
  for (const file of reached) {
    const text = await readFile(join(made, `${file}.d.ts`), 'utf8');
    const named = text.replace(RELATIVE, (_, before: string, specifier: string) => {
      const beside = join(dirname(file), specifier);
      const ending = existsSync(join(made, `${beside}.d.ts`)) ? '' : '/index';
      reached.add(beside + ending);
      return `${before}${specifier}${ending}.js`;
    });
    await write(join('types', `${file}.d.ts`), named);
  }
}

/** What names another file, up to the end of that name. */
const RELATIVE = /(\bfrom ['"]|\bimport\(['"])(\.[^'"]+)/g;

const topologyFiles = async (): Promise<string[]> =>
  (await readdir(join(projectRoot, 'topologies'))).map((file) => join('topologies', file));

/** What runs in the nodes. */
async function programs(): Promise<void> {
  for (const [path, { content }] of Object.entries(await bundlePrograms())) await write(path, content);
}

/** Each by itself, to be read. */
async function topologies(): Promise<void> {
  await bundle({
    entryPoints: await topologyFiles(),
    absWorkingDir: projectRoot,
    outdir: join(target, 'topologies'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
}

async function page(): Promise<void> {
  await buildPage();
  await cp(join(projectRoot, 'dist/web'), join(target, 'dist/web'), { recursive: true });
}

/** Of the addons the sources, which are compiled in the image for the Node there; npm would compile them for this one. */
async function files(): Promise<void> {
  await cp(join(projectRoot, 'images'), join(target, 'images'), { recursive: true });
  for (const name of [...addons, 'nan'])
    await cp(folderOfPackage(name), join(target, 'modules', name), {
      recursive: true,
      filter: (source) => !LEFT_OUT.includes(basename(source)),
    });
}

/** Of an addon's folder. */
const LEFT_OUT = ['build', 'demo', 'deps', 'doc', 'example', 'node_modules', 'test', 'tools'];

async function write(path: string, content: string): Promise<void> {
  const place = resolve(target, path);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, content);
}

await rm(target, { recursive: true, force: true });
await Promise.all([compile(), declare(), programs(), topologies(), page(), files()]);
const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', 'dist'], {
  cwd: projectRoot,
});
process.stdout.write(`${join(projectRoot, 'dist', stdout.trim())}\n`);
