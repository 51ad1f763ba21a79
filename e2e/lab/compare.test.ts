import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTopology } from '../../lab/library';
import { sharedLab } from '../stage/shared-lab';

const NAME = 'e2e-compare';
const PORT = 8000;
const server = {
  build: './compare',
  port: PORT,
  env: { PORT: `${PORT}` },
  ready: { log: 'is open' },
} as const;
const paths = ['users', 'orders', 'list', 'page', 'health'].map((path) => `http://online:${PORT}/${path}`);
const node = { network: 'lan' } as const;

const lab = sharedLab(
  defineTopology({
    name: NAME,
    description: 'A shop, and its next version.',
    networks: { lan: { subnet: '198.18.52.0/24', internal: true } },
    nodes: {
      client: { ...node, role: 'client', address: '198.18.52.10' },
      online: { ...node, role: 'online', address: '198.18.52.20', server },
      test: { ...node, role: 'test', address: '198.18.52.30', server },
    },
    copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
    load: {
      run: ['sh', '-c', `for turn in $(seq 15); do curl -sS ${paths.join(' ')} >/dev/null; done`],
      node: 'client',
    },
  }),
  NAME,
  { folder: import.meta.dirname },
);

const compare = (...words: string[]) =>
  execa('./bin/lab', ['compare', '--name', NAME, ...words], { reject: false });

/** As the page tells it: a line for each place, and each route that is slower. */
interface Report {
  readonly pairs: number;
  readonly differing: number;
  readonly unmatched: { readonly online: number };
  readonly routes: readonly {
    readonly route: string;
    readonly differences: readonly { readonly place: string; readonly kind: string }[];
    readonly times: { readonly verdict: string };
  }[];
}
const findingsIn = ({ routes }: Report): string[] =>
  routes.flatMap(({ route, differences, times }) => [
    ...differences.map(({ place, kind }) => `${route}: ${place} ${kind}`),
    ...(times.verdict === 'slower' ? [`${route}: slower`] : []),
  ]);

test('two servers of the same version do not differ, though no answer is the same twice', async () => {
  const { stdout, stderr, exitCode } = await compare(
    '--json',
    '--fail',
    'differing > 0',
    '--fail',
    'unmatched > 0',
  );
  expect(stderr).not.toMatch(/holes|cut off|no client/);
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({ pairs: 150, differing: 0, unmatched: { online: 0 } });
  expect(findingsIn(report).filter((finding) => !finding.endsWith('slower'))).toEqual([]);
  expect(exitCode).toBe(0);
});

test('faults of the next version are found at their routes, and the status says so', async () => {
  const faults = { '/users': 'slow', '/orders': 'status', '/list': 'field', '/page': 'byte' };
  const tell = `fetch('http://127.0.0.1:${PORT}/faults', { method: 'POST', body: ${JSON.stringify(JSON.stringify(faults))} })`;
  const told = await lab().service('test').exec(['/opt/tcpcopy-lab/bin/node', '-e', tell]);
  expect(told.exitCode).toBe(0);
  const folder = await mkdtemp(join(tmpdir(), 'tcpcopy-lab-'));
  try {
    const page = join(folder, 'report.html');
    const { stdout, exitCode } = await compare('--json', '--out', page, '--fail', 'differing > 0.1%');
    expect(findingsIn(JSON.parse(stdout) as Report)).toEqual(
      expect.arrayContaining([
        'GET /users: slower',
        'GET /orders: status changed',
        'GET /list: json:$.total missing',
        expect.stringMatching(/^GET \/page: text.* changed$/),
      ]),
    );
    expect(JSON.parse(stdout)).toMatchObject({ differing: 90 });
    expect(await readFile(page, 'utf8')).toContain('90 of 150 answers');
    expect(exitCode).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what is no rule, and no limit, is refused by name', async () => {
  expect(await compare('--fail', 'much')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--fail "much" is no threshold'),
  });
  expect(await compare('--ignore', 'id')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--ignore "id" names no place'),
  });
});
