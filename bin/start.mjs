/**
 * Runs the lab command from its TypeScript: what its files become stands in .cache/lab, under a name that changes with
 * them, and is made when it is not there. It runs in a quarter of the time that finding and translating each file takes.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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
await import(join(compiled, 'main.mjs'));

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
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      external: NOT_COMPILED,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
      minifyWhitespace: true,
      legalComments: 'none',
      // CommonJS packages inside an ESM program call `require` for Node's own modules.
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
      },
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

/** A file finds what stands beside it from where it is itself, not from where it is kept. */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\.[cm]?[jt]s$/, namespace: 'file' }, async ({ path }) => {
    const text = await readFile(path, 'utf8');
    if (!/dirname/.test(text)) return undefined;
    const contents = text.replace(/\bimport\.meta\.dirname\b|\b__dirname\b/g, JSON.stringify(dirname(path)));
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
