/** The bill of materials: what is inside the executable, in which version, by which licence (CycloneDX, ECMA-424). */
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOfPackage } from '../../lab/engine/images/places';
import { INGREDIENTS, type Architecture } from '../executable/architectures';
import { obtainPackage } from '../executable/fetch';

/** Libraries that Node's binary is built with, by their names in process.versions; the rest there are versions of interfaces. */
const IN_NODE = [
  'acorn',
  'ada',
  'amaro',
  'ares',
  'brotli',
  'cjs_module_lexer',
  'icu',
  'llhttp',
  'merve',
  'nbytes',
  'ncrypto',
  'nghttp2',
  'openssl',
  'simdjson',
  'simdutf',
  'sqlite',
  'undici',
  'uv',
  'uvwasi',
  'v8',
  'zlib',
  'zstd',
];

export async function billOfMaterials(architecture: Architecture, version: string): Promise<string> {
  const { node, koffi } = INGREDIENTS[architecture];
  const { name: koffiName, version: koffiVersion } = await manifestOf(koffi);
  const { version: nodeVersion } = await manifestOf(node);
  const main = component(
    'tcpcopy-lab',
    version,
    'MIT',
    `pkg:deb/tcpcopy-lab@${version}?arch=${architecture}`,
  );
  const runtime = component('node', nodeVersion, 'MIT', `pkg:generic/node@${nodeVersion}`, {
    cpe: `cpe:2.3:a:nodejs:node.js:${nodeVersion}:*:*:*:*:*:*:*`,
  });
  for (const [name, of] of Object.entries(await versionsInNode()))
    runtime.components.add(component(name, of, undefined, `pkg:generic/${name}@${of}`));
  const addon = component(
    koffiName,
    koffiVersion,
    'MIT',
    `pkg:npm/${koffiName.replace('@', '%40')}@${koffiVersion}`,
  );
  const parserIs = await parserVersion();
  const parser = component('http-parser-js', parserIs, 'MIT', `pkg:npm/http-parser-js@${parserIs}`);
  for (const part of [runtime, addon, parser]) main.dependencies.add(part.bomRef);
  // No number and no time of its own: the same contents are the same bill.
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: main }) });
  bom.components.add(runtime).add(addon).add(parser);
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return serializer.serialize(bom, { sortLists: true, space: 2 }) + '\n';
}

function component(
  name: string,
  version: string,
  licence: string | undefined,
  purl: string,
  more: { readonly cpe?: string } = {},
): Models.Component {
  const type = name === 'tcpcopy-lab' ? Enums.ComponentType.Application : Enums.ComponentType.Library;
  const made = new Models.Component(type, name, { bomRef: purl, version, purl, ...more });
  if (licence !== undefined) made.licenses.add(new Models.SpdxLicense(licence));
  return made;
}

async function manifestOf(name: string): Promise<{ readonly name: string; readonly version: string }> {
  const text = await readFile(join(await obtainPackage(name), 'package.json'), 'utf8');
  return JSON.parse(text) as { name: string; version: string };
}

async function parserVersion(): Promise<string> {
  const text = await readFile(join(folderOfPackage('http-parser-js'), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Both architectures have the same Node: this machine's is asked. */
async function versionsInNode(): Promise<Record<string, string>> {
  const node = join(await obtainPackage(INGREDIENTS.amd64.node), 'bin/node');
  const { stdout } = await execa(node, ['-p', 'JSON.stringify(process.versions)'], {
    env: { NODE_OPTIONS: '' },
  });
  const versions = JSON.parse(stdout) as Record<string, string>;
  return Object.fromEntries(IN_NODE.flatMap((name) => (name in versions ? [[name, versions[name]!]] : [])));
}
