/** Finds the topology that a user means: a shipped one by its name, or a file of theirs. */
import type { BuildFailure, Plugin } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { reasonOf } from '../../engine/docker/errors';
import { isPackage, projectRoot } from '../../engine/images/places';
import { resolveTopology } from '../../services/resolve';
import { TopologyError } from '../../topology/faults';
import type { Family } from '../../topology/addresses';
import type { Topology } from '../../topology/types';
import { parseTopology } from '../../topology/rules/validate';
import { UsageError } from './usage-error';

const shipped = join(projectRoot, 'topologies');

/** A package has what they become. */
const shippedEnding = isPackage() ? '.mjs' : '.ts';

export const defaultTopology = 'traditional';

export function shippedNames(): string[] {
  return readdirSync(shipped)
    .filter((file) => file.endsWith(shippedEnding))
    .map((file) => basename(file, shippedEnding))
    .sort();
}

/** `nameOrFile`: a shipped name, or a path that ends in .ts, .js, .mjs or .json, relative to the working directory. */
export async function loadTopology(nameOrFile: string): Promise<Topology> {
  const file = /\.(ts|m?js|json)$/.test(nameOrFile)
    ? resolve(nameOrFile)
    : join(shipped, `${nameOrFile}${shippedEnding}`);
  if (!existsSync(file)) {
    throw new UsageError(
      file.startsWith(shipped) ? `There is no topology named ${nameOrFile}.` : `There is no file ${file}.`,
      `Shipped topologies: ${shippedNames().join(', ')}. A file's name ends in .ts or .json.`,
    );
  }
  const candidate = file.endsWith('.json') ? await readJson(file) : await readModule(file);
  return resolveTopology(parseTopology(candidate, nameOrFile), dirname(file), nameOrFile);
}

/** Those that scenarios are played in, by architecture. @param family that is copied there */
export async function scenarioTopologies(
  family: Family = 4,
): Promise<Record<'traditional' | 'data-link', Topology>> {
  const of = (name: string): Promise<Topology> => loadTopology(family === 6 ? `${name}-ipv6` : name);
  return { traditional: await of('traditional'), 'data-link': await of('data-link') };
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const [message = ''] = reasonOf(error).split('\n');
    throw new TopologyError(file, [
      { place: placeIn(text, message), message: `is not JSON: ${message}`, mend: SYNTAX },
    ]);
  }
}

const SYNTAX = 'Correct the syntax.';

/** Node tells a position in characters, newer ones also the line. */
function placeIn(text: string, message: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '(file)';
  const before = text.slice(0, Number(position)).split('\n');
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`;
}

/** What a topology has of the library; the rest of it is for programs. */
const definition: Plugin = {
  name: 'definition',
  setup: (build) => {
    build.onResolve({ filter: /^tcpcopy-lab$/ }, ({ path }) => ({ path, namespace: 'definition' }));
    build.onLoad({ filter: /.*/, namespace: 'definition' }, () => ({
      contents: 'export const defineTopology = (topology) => topology;',
    }));
  },
};

/** A file in TypeScript, with what it imports, becomes one program without imports first: a text that Node runs as it is. */
async function readModule(file: string): Promise<unknown> {
  const program = Buffer.from(await bundled(file)).toString('base64');
  const module = await imported(file, `data:text/javascript;base64,${program}`);
  if (module.default !== undefined) return module.default;
  const mend = 'Write `export default defineTopology({ … })`.';
  throw new TopologyError(file, [{ place: '(file)', message: 'exports no topology', mend }]);
}

async function bundled(file: string): Promise<Uint8Array> {
  const { build } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'silent',
      plugins: [definition],
    });
    return outputFiles[0]!.contents;
  } catch (failure) {
    const { errors = [] } = failure as Partial<BuildFailure>;
    if (errors.length === 0) throw failure;
    throw new TopologyError(
      file,
      errors.map(({ text, location }) => ({
        place: location ? `${location.file}:${location.line}:${location.column + 1}` : '(file)',
        message: text,
        mend: text.startsWith('Could not resolve')
          ? "A topology imports defineTopology from 'tcpcopy-lab', wherever it stands."
          : SYNTAX,
      })),
    );
  }
}

async function imported(file: string, program: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(program)) as { readonly default?: unknown };
  } catch (thrown) {
    const message = `throws when it is read: ${reasonOf(thrown)}`;
    throw new TopologyError(file, [{ place: '(file)', message, mend: 'Correct the program in it.' }]);
  }
}
