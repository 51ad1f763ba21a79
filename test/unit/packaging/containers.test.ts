/** The manifests of docs/containers.md: what their schemas take, with command lines that the programs take. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { interpolate } from '../../../lab/services/interpolate';
import { parseInterceptOptions } from '../../../src/intercept/options';
import { parseTcpcopyOptions } from '../../../src/tcpcopy/options/options';
import { parseAddress } from '../../../src/wire/address/address';
import { composeFaults, fileText, kubernetesFaults, manifestsOf, root, type Manifest } from './manifests';

const KUBERNETES = ['test.yaml', 'online.yaml', 'sidecar.yaml'];
const ONLINE = '198.18.10.20';
const TEST = '198.18.10.30';

const own = new Set([parseAddress(ONLINE)]);
const LOCAL = {
  addresses: { has: (address: number) => own.has(address) },
  smallestMtu_bytes: 1500,
  exists: () => false,
  matching: () => [],
};

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly [probe: string]: unknown;
}

function containersOf(name: string): Container[] {
  return manifestsOf(fileText(name)).flatMap((manifest) => {
    const spec = (manifest['spec'] as { template?: { spec: Record<string, Container[]> } }).template?.spec;
    return [...(spec?.['initContainers'] ?? []), ...(spec?.['containers'] ?? [])];
  });
}

const ours = (name: string): Container =>
  containersOf(name).find((one) => ['tcpcopy', 'intercept'].includes(one.name))!;

/** The program's own words, with addresses in the place of what the shell and Kubernetes put there. */
function wordsOf({ name, command }: Pick<Container, 'name' | 'command'>): string[] {
  const script = command[0] === 'sh' ? command.at(-1)! : command.join(' ');
  const [, said = ''] =
    new RegExp(`(?:^|\\s)${name}((?:\\s+(?:\\\\\\n\\s*)?--\\S.*)+?)(?:\\s&\\n|\\n*$)`).exec(script) ?? [];
  return said
    .replaceAll('\\\n', ' ')
    .replaceAll(/\$\(getent[^)]*\)|\$test_server/g, TEST)
    .replaceAll(/\$\(\w+\)|\$\w+/g, ONLINE)
    .replaceAll('"', '')
    .split(/\s+/)
    .filter(Boolean);
}

const parsed = (name: string, words: readonly string[]) =>
  name === 'intercept' ? parseInterceptOptions(words) : parseTcpcopyOptions(words, LOCAL);

describe.each(KUBERNETES)('%s', (name) => {
  test('is what Kubernetes takes', () => {
    expect(kubernetesFaults(manifestsOf(fileText(name)))).toEqual([]);
  });

  test('has a command line that the program takes', () => {
    const container = ours(name);
    const words = wordsOf(container);
    expect(words.length).toBeGreaterThanOrEqual(4);
    expect(parsed(container.name, words)).toMatchObject({ kind: 'run' });
  });

  test('has the two rights that the program needs, and no other', () => {
    expect(ours(name)['securityContext']).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
    });
  });
});

test.each([
  [
    'an unknown key',
    (text: string) => text.replace('readinessProbe', 'readinesProbe'),
    /readinesProbe"' does not exist in type 'Container'/,
  ],
  [
    'a value of another type',
    (text: string) => text.replace('periodSeconds: 2', 'periodSeconds: often'),
    /'string' is not assignable to type 'number'/,
  ],
  [
    'a missing key',
    (text: string) => text.replace(/\n *selector:\n\s+matchLabels: .*(?=\n)/, ''),
    /'selector' is missing/,
  ],
  [
    'another version',
    (text: string) => text.replaceAll('apps/v1', 'apps/v1beta1'),
    /there is no apps\/v1beta1/,
  ],
])('%s in a manifest is found', (_, broken, fault) => {
  for (const name of ['test.yaml', 'online.yaml']) {
    const text = broken(fileText(name));
    expect(text).not.toBe(fileText(name));
    expect(kubernetesFaults(manifestsOf(text)).join('\n')).toMatch(fault);
  }
});

describe('readiness', () => {
  test.each(['test.yaml', 'online.yaml'])('of %s is what the program says at /ready', (name) => {
    const container = ours(name);
    const command = parsed(container.name, wordsOf(container));
    const metrics = command.kind === 'run' ? command.options.metrics : undefined;
    const ports = (container['ports'] ?? []) as { name: string; containerPort: number }[];
    const { httpGet } = container['readinessProbe'] as {
      httpGet: { path: string; port: string | number; host?: string };
    };
    const port =
      typeof httpGet.port === 'number'
        ? httpGet.port
        : ports.find((one) => one.name === httpGet.port)?.containerPort;
    expect(httpGet.path).toBe('/ready');
    expect(port).toBe(metrics?.port);
    // What is asked by the pod's address is served there.
    expect(metrics?.host).toBe(httpGet.host ?? '0.0.0.0');
  });

  test('of an online pod does not hang on its copy', () => {
    const probes = Object.keys(ours('sidecar.yaml')).filter((key) => key.endsWith('Probe'));
    expect(probes).toEqual([]);
  });
});

describe('compose.yaml', () => {
  const variables = { TCPCOPY_IMAGE: 'tcpcopy-lab/node:1' };
  const [compose] = manifestsOf(interpolate(fileText('compose.yaml'), variables)) as [Manifest];
  const services = compose['services'] as Record<string, { command: string[]; network_mode: string }>;

  test('is what Compose takes', () => {
    expect(composeFaults(compose)).toEqual([]);
  });

  test.each(['tcpcopy', 'intercept'])('has a command line that %s takes', (name) => {
    const { command } = services[name]!;
    expect(command[0]).toBe(name);
    expect(parsed(name, command.slice(1))).toMatchObject({ kind: 'run' });
  });

  test.each([
    ['an unknown key', 'network_mode:', 'network_mod:', 'network_mod'],
    ['a value of another type', 'cap_drop: [ALL]', 'cap_drop: ALL', 'must be array'],
  ])('%s in it is found', (_, from, to, fault) => {
    const [broken] = manifestsOf(interpolate(fileText('compose.yaml').replace(from, to), variables)) as [
      Manifest,
    ];
    expect(composeFaults(broken).join('\n')).toContain(fault);
  });
});

test.each([...KUBERNETES, 'compose.yaml'])('docs/containers.md shows %s as it is', (name) => {
  const page = readFileSync(join(root, 'docs/containers.md'), 'utf8');
  expect(page).toContain(`\`\`\`yaml packaging/containers/${name}\n${fileText(name)}\`\`\``);
});
