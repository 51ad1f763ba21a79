/** One lab with three copies of a shop, and its next version behind each: live by a queue, live by a route, and from a capture. */
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { defineTopology, type LabCompareOptions, type LabComparison } from '../../lab/library';
import { drawnFrom } from '../stage/drawn';
import { sharedLab } from '../stage/shared-lab';

const NAME = 'e2e-compare';
const PORT = 8000;
const server = {
  build: './compare',
  port: PORT,
  env: { PORT: `${PORT}` },
  ready: { log: 'is open' },
} as const;
const LIVE = ['queued', 'routed'] as const;
const urls = LIVE.flatMap((online) =>
  ['users', 'orders', 'list', 'page', 'health'].map((path) => `http://${online}:${PORT}/${path}`),
);
const node = { network: 'lan' } as const;
const PAIRS = 150;

const lab = sharedLab(
  defineTopology({
    name: NAME,
    description: 'A shop, and its next version, behind three copies.',
    networks: { lan: { subnet: '198.18.52.0/24', internal: true } },
    nodes: {
      client: { ...node, role: 'client', address: '198.18.52.130' },
      queued: { ...node, role: 'online', address: '198.18.52.20', server },
      'queued-test': { ...node, role: 'test', address: '198.18.52.30', server },
      routed: { ...node, role: 'online', address: '198.18.52.21', server },
      'routed-test': { ...node, role: 'test', address: '198.18.52.31', server },
      assistant: { ...node, role: 'assistant', address: '198.18.52.41' },
      recorded: { ...node, role: 'online', address: '198.18.52.22', server },
      'recorded-test': { ...node, role: 'test', address: '198.18.52.32', server },
    },
    copies: [
      { architecture: 'traditional', from: 'queued', to: 'queued-test' },
      {
        architecture: 'data-link',
        from: 'routed',
        to: 'routed-test',
        routes: [{ sources: '198.18.52.128/25', via: 'assistant' }],
      },
      { architecture: 'offline', from: 'recorded', to: 'recorded-test' },
    ],
    load: {
      run: ['sh', '-c', `for turn in $(seq 15); do curl -sS ${urls.join(' ')} >/dev/null; done`],
      node: 'client',
    },
  }),
  NAME,
  { folder: import.meta.dirname },
);

const folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'));
afterAll(() => rmSync(folder, { recursive: true }));

const compare = (...words: string[]) =>
  execa('./bin/lab', ['compare', '--name', NAME, ...words], { reject: false });

/** A line for each place, and each route that is slower. */
const findingsIn = ({ routes }: Pick<LabComparison, 'routes'>): string[] =>
  routes.flatMap(({ route, differences, times }) => [
    ...differences.map(({ place, kind }) => `${route}: ${place} ${kind}`),
    ...(times?.verdict === 'slower' ? [`${route}: slower`] : []),
  ]);

/** What the queued copy's online server was asked, as it was recorded there. */
const recorded = (): Promise<Buffer> => readFile(join(folder, 'queued.pcap'));

/** Of the queued copy, of which one capture is kept, and of one of the others, with DRAWN=all of each. */
async function compareEach(
  judge: (comparison: LabComparison) => void,
  options: LabCompareOptions = {},
): Promise<void> {
  judge(await lab().compare({ ...options, from: 'queued', keep: folder }));
  const others = {
    routed: async () => lab().compare({ ...options, from: 'routed' }),
    recorded: async () => lab().compare({ ...options, from: 'recorded', capture: await recorded() }),
  };
  const nameOf = (name: string): string => `${name} ${String(options.fail)}`;
  for (const name of drawnFrom(['routed', 'recorded'] as const, 1, nameOf)) judge(await others[name]());
}

test('two servers of the same version do not differ, and none is slower, though no answer is the same twice', async () => {
  const fail = ['differing > 0', 'unmatched > 0', 'p50 > 1.5x', 'route p50 > 1.5x', 'p90 > 2x'];
  await compareEach(
    (comparison) => {
      expect(comparison.notes.join()).not.toMatch(/holes|cut off|no client/);
      expect(comparison).toMatchObject({ pairs: PAIRS, differing: 0, unmatched: { online: 0 }, crossed: [] });
      expect(findingsIn(comparison)).toEqual([]);
    },
    { fail },
  );
});

test('faults of the next version are found at their routes, whatever copies to it', async () => {
  const faults = { '/users': 'slow', '/orders': 'status', '/list': 'field', '/page': 'byte' };
  const tell = `fetch('http://127.0.0.1:${PORT}/faults', { method: 'POST', body: ${JSON.stringify(JSON.stringify(faults))} })`;
  for (const name of ['queued-test', 'routed-test', 'recorded-test']) {
    const told = await lab().service(name).exec(['/opt/tcpcopy-lab/bin/node', '-e', tell]);
    expect(told.exitCode).toBe(0);
  }
  await compareEach(
    (comparison) => {
      expect(findingsIn(comparison).toSorted()).toEqual([
        'GET /list: json:$.total missing',
        'GET /orders: status changed',
        expect.stringMatching(/^GET \/page: text.* changed$/),
        'GET /users: slower',
      ]);
      expect(comparison).toMatchObject({ pairs: PAIRS, differing: (3 * PAIRS) / 5 });
      expect(comparison.crossed.map(({ threshold, route }) => `${route}: ${threshold}`)).toEqual([
        'undefined: differing > 0.1%',
        'GET /users: route p50 > 2x',
      ]);
    },
    { fail: ['differing > 0.1%', 'route p50 > 2x'] },
  );
});

test('the command writes the page, and its status says what a limit made of it', async () => {
  const page = join(folder, 'report.html');
  const capture = join(folder, 'queued.pcap');
  const words = ['--from', 'recorded', '--out', page, '--fail', 'differing > 0.1%'];
  const { stdout, exitCode } = await compare(capture, ...words);
  expect(stdout).toMatch(/^FAIL {2}90 of 150 answers/);
  expect(await readFile(page, 'utf8')).toContain('90 of 150 answers');
  expect(exitCode).toBe(1);
});

test('what is no rule, no limit, and no capture, is refused by name', async () => {
  expect(await compare('--fail', 'much')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--fail "much" is no threshold'),
  });
  expect(await compare('--ignore', 'id')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--ignore "id" names no place'),
  });
  expect(await compare('--from', 'recorded')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Name a capture of the online server'),
  });
});
