/**
 * Runs the lab command from its TypeScript: what its files become stands in .cache/lab, under a name that changes with
 * them, and is made when it is not there; and beside it what V8 has compiled of it, for each command. It runs in a tenth of the time
 * that finding and translating each file takes.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import vm from 'node:vm';

const root = dirname(import.meta.dirname);
const kept = join(root, '.cache', 'lab');
/** Those of other sources may still be in use, but not for so long. */
const UNUSED_MS = 24 * 3_600_000;
/** What has native parts, or finds its own parts by itself, and is seldom needed. */
const NOT_COMPILED = ['esbuild', 'execa', 'testcontainers', 'cpu-features', '*.node'];
/** Functions of the Docker client, by file, that bring much along for engines far away and for BuildKit, and are seldom called. */
const SELDOM_CALLED = /^\.\/(ssh|session)$/;

const compiled = join(kept, nameOfSources());
if (!existsSync(compiled)) await compile();
run(join(compiled, 'main.cjs'));

/** Changes whenever a file, or a package, does. */
function nameOfSources() {
  const hash = createHash('sha256').update(process.version);
  const files = ['lab', 'src'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of [...files.sort(), join(root, 'package-lock.json'), import.meta.filename]) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** As Node runs a CommonJS file, with what the last start of the same command has had compiled, or else that of another one. */
function run(file) {
  const folder = dirname(file);
  const own = `${/^[a-z-]+$/.exec(process.argv[2] ?? '')?.[0] ?? 'none'}.v8`;
  const caches = readdirSync(folder).filter((name) => name.endsWith('.v8'));
  const cache = caches.includes(own) ? own : caches[0];
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname', '__import'];
  const program = readFileSync(file, 'latin1').replace(/^#!.*/, '');
  const script = new vm.Script(`(function (${parameters}) {${program}\n})`, {
    filename: file,
    cachedData: cache && readFileSync(join(folder, cache)),
  });
  if (cache !== own || script.cachedDataRejected)
    process.once('exit', (status) => {
      // What is no command would be kept as well.
      if (status === 0) keep(script, join(folder, own));
    });
  const module = { exports: {} };
  const imported = (name) => import(name);
  script.runInThisContext()(module.exports, createRequire(file), module, file, folder, imported);
}

/** In one step, as others may be reading. */
function keep(script, cache) {
  try {
    const making = `${cache}.${process.pid}`;
    writeFileSync(making, script.createCachedData());
    renameSync(making, cache);
  } catch {
    // The disk is full, or the sources have changed meanwhile: the next start is only slower.
  }
}

async function compile() {
  const { build } = await import('esbuild');
  mkdirSync(kept, { recursive: true });
  for (const name of readdirSync(kept)) {
    const old = join(kept, name);
    if (Date.now() - statSync(old).mtimeMs > UNUSED_MS) rmSync(old, { recursive: true, force: true });
  }
  const making = mkdtempSync(join(kept, 'making-'));
  try {
    await build({
      entryPoints: [join(root, 'lab', 'cli', 'main.ts')],
      outdir: making,
      outExtension: { '.js': '.cjs' },
      bundle: true,
      external: NOT_COMPILED,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
      minifyWhitespace: true,
      legalComments: 'none',
      // Of which it is read as; all else is written as escapes.
      charset: 'ascii',
      define: { 'import.meta.url': '__url' },
      banner: { js: "const __url = require('node:url').pathToFileURL(__filename).href;" },
      plugins: [
        { name: 'places', setup: keepPlaces },
        { name: 'seldom', setup: loadWhenCalled },
      ],
    });
    renameSync(making, compiled);
  } catch (error) {
    // Another start may have been quicker.
    if (!existsSync(compiled)) throw error;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/**
 * A file finds what stands beside it from where it is itself, not from where it is kept. What it imports while it runs, and is not
 * compiled with it, it imports by a function: V8's compiled code knows nobody who would (nodejs/node#43663).
 */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\.[cm]?[jt]s$/, namespace: 'file' }, async ({ path }) => {
    const text = await readFile(path, 'utf8');
    if (!/dirname|\bimport\(/.test(text)) return undefined;
    const contents = text
      .replace(/\bimport\.meta\.dirname\b|\b__dirname\b/g, JSON.stringify(dirname(path)))
      .replace(/\bawait import\((?!'\.)/g, 'await __import(');
    return { contents, loader: path.endsWith('ts') ? 'ts' : 'js' };
  });
}

/** What such a file brings along is loaded when its function is first called. */
function loadWhenCalled({ onResolve, onLoad }) {
  onResolve({ filter: SELDOM_CALLED }, ({ path, resolveDir }) =>
    /node_modules\/docker(ode|-modem)\/lib$/.test(resolveDir)
      ? { path: join(resolveDir, `${path}.js`), namespace: 'when-called' }
      : undefined,
  );
  onLoad({ filter: /.*/, namespace: 'when-called' }, ({ path }) => ({
    // Where the name is no constant nothing is compiled into the program.
    contents: `const file = ${JSON.stringify(path)}; module.exports = (...args) => require(file)(...args);`,
  }));
}
