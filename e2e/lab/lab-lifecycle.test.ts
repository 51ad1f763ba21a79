import { execa, type Options } from 'execa';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { drawing, drawnFrom } from '../stage/drawn';
import { eventually } from '../stage/eventually';

const program = join(import.meta.dirname, '../../bin/lab');

/** Names of their own, so that a lab that somebody works in is left alone. */
const [first, second, third] = ['e2e-life', 'e2e-beside', 'e2e-cut'] as const;

function lab(argv: readonly string[], options: Options = {}) {
  return execa(program, argv, { reject: false, ...options });
}

/** Ids of everything in the engine that belongs to the lab. */
async function partsOf(name: string): Promise<string[]> {
  const filter = ['--filter', `label=tcpcopy-lab.name=${name}`];
  const containers = await execa('docker', ['ps', '-aq', ...filter]);
  const networks = await execa('docker', ['network', 'ls', '-q', ...filter]);
  return `${containers.stdout}\n${networks.stdout}`.split('\n').filter(Boolean).sort();
}

async function textOf(argv: readonly string[]): Promise<string> {
  const { stdout } = await lab(argv);
  return String(stdout);
}

afterAll(async () => {
  for (const name of [first, second, third]) await lab(['down', name]);
});

describe('a lab', () => {
  beforeAll(async () => {
    const { exitCode, stderr } = await lab(['up', '--name', first]);
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
  });

  test('copies a request to the test server', async () => {
    const { stdout } = await lab([
      'exec',
      '--name',
      first,
      'client',
      '--',
      'curl',
      '-s',
      'http://online/copied',
    ]);
    expect(stdout).toBe('ok');
    const log = ['exec', '--name', first, 'test', '--', 'cat', '/var/log/nginx/access.log'];
    await eventually(async () => /^\/copied 200 \d+ \d+$/m.test(await textOf(log)));
  });

  test('answers what holds of its plan', async () => {
    const status = JSON.parse(await textOf(['status', '--name', first, '--json'])) as {
      nodes: { state: string }[];
      checks: { holds: string; passed: boolean }[];
    };
    expect(status.nodes.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(status.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(status.checks.length).toBeGreaterThanOrEqual(8);
  });

  test('started again, changes nothing and says so', async () => {
    const before = await partsOf(first);
    const { exitCode, stderr } = await lab(['up', '--name', first]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('running already');
    expect(await partsOf(first)).toEqual(before);
  });

  test('passes input, output and exit status of commands through', async () => {
    const shell = ['exec', '--name', first, 'client', '--', 'sh', '-c', 'cat; echo complaint >&2; exit 7'];
    const { exitCode, stdout, stderr } = await lab(shell, { input: 'from outside' });
    expect([exitCode, stdout, stderr]).toEqual([7, 'from outside', 'complaint']);
  });

  test('ends with a command that leaves most of its input unread', async () => {
    const shell = ['exec', '--name', first, 'client', '--', 'sh', '-c', 'head -c 10 >/dev/null; exit 7'];
    const { exitCode } = await lab(shell, { input: Buffer.alloc(20_000_000), timeout: 30_000 });
    expect(exitCode).toBe(7);
  });

  test('has no agent in its nodes any more when the command that needed it has ended', async () => {
    expect((await lab(['status', '--name', first])).exitCode).toBe(0);
    const agents = ['exec', '--name', first, 'test', '--', 'pgrep', '-f', 'programs/lab-agent'];
    await eventually(async () => (await lab(agents)).exitCode === 1);
  });

  test('knows its nodes by name, inside and outside', async () => {
    expect(await textOf(['exec', '--name', first, 'client', '--', 'getent', 'hosts', 'test'])).toMatch(
      /^198\.1[89]\./,
    );
    const { exitCode, stderr } = await lab(['exec', '--name', first, 'tset', '--', 'true']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('client, online, test');
  });

  test('gives its nodes two capabilities, no writable root and no new privileges', async () => {
    const ids = await execa('docker', ['ps', '-q', '--filter', `label=tcpcopy-lab.name=${first}`]);
    const inspected = await execa('docker', ['inspect', ...ids.stdout.split('\n')]);
    const nodes = JSON.parse(inspected.stdout) as { HostConfig: Record<string, unknown> }[];
    expect(nodes).toHaveLength(3);
    for (const { HostConfig } of nodes) {
      expect(HostConfig).toMatchObject({
        Privileged: false,
        ReadonlyRootfs: true,
        Init: true,
        CapDrop: ['ALL'],
      });
      expect((HostConfig['CapAdd'] as string[]).map((name) => name.replace('CAP_', '')).sort()).toEqual([
        'NET_ADMIN',
        'NET_RAW',
      ]);
      expect(HostConfig['SecurityOpt']).toEqual([expect.stringContaining('no-new-privileges')]);
    }
  });

  test('stands on networks that lead nowhere', async () => {
    const ids = await execa('docker', ['network', 'ls', '-q', '--filter', `label=tcpcopy-lab.name=${first}`]);
    const inspected = await execa('docker', ['network', 'inspect', ...ids.stdout.split('\n')]);
    expect(JSON.parse(inspected.stdout)).toEqual([expect.objectContaining({ Internal: true })]);
  });

  test('counts the bodies of requests, whole, in its log', async () => {
    const bytes = 300_000;
    const post = [
      'exec',
      '--name',
      first,
      'client',
      '--',
      'curl',
      '-s',
      '--data-binary',
      '@-',
      'http://online/posted',
    ];
    expect((await lab(post, { input: 'x'.repeat(bytes) })).stdout).toBe('ok');
    const log = await textOf(['exec', '--name', first, 'online', '--', 'cat', '/var/log/nginx/access.log']);
    const length = Number(/^\/posted 200 (\d+) /m.exec(log)?.[1]);
    expect(length).toBeGreaterThan(bytes);
    expect(length).toBeLessThan(bytes + 500);
  });

  test('stands beside another, on a subnet of its own, and outlives it', async () => {
    const before = await partsOf(first);
    expect((await lab(['up', '--name', second, '--bare'])).exitCode).toBe(0);
    await lab(['exec', '--name', second, 'client', '--', 'curl', '-s', 'http://online/beside']);
    expect(
      await textOf(['exec', '--name', first, 'online', '--', 'cat', '/var/log/nginx/access.log']),
    ).not.toContain('beside');
    expect((await lab(['exec', '--name', second, 'test', '--', 'iptables', '-S', 'OUTPUT'])).stdout).toBe(
      '-P OUTPUT ACCEPT',
    );
    expect((await lab(['down', second])).exitCode).toBe(0);
    expect(await partsOf(second)).toEqual([]);
    expect(await partsOf(first)).toEqual(before);
  });

  test('comes down completely, also when parts were broken by hand', async () => {
    await lab(['exec', '--name', first, 'test', '--', 'iptables', '-F', 'OUTPUT']);
    await lab(['exec', '--name', first, 'online', '--', 'pkill', '-KILL', '-f', 'tcpcopy.mjs']);
    expect((await lab(['down', first])).exitCode).toBe(0);
    expect(await partsOf(first)).toEqual([]);
    expect((await lab(['status', '--name', first])).exitCode).toBe(2);
  });
});

const start = drawing('starts', 1);

const STEPS = ['network lan', 'node online', 'nginx on', 'guard on'];

// The copy is still to be started then.
for (const step of drawnFrom(STEPS, 1))
  start(`one that is cut off by Ctrl-C behind the step "${step}" leaves nothing`, async () => {
    const starting = lab(['up', '--name', third]);
    let said = '';
    starting.stderr!.on('data', (bytes: Buffer) => (said += bytes.toString()));
    await eventually(() => said.includes(step));
    starting.kill('SIGINT');
    await sleep(50);
    starting.kill('SIGINT');
    const { exitCode } = await starting;
    expect(exitCode).not.toBe(0);
    expect(await partsOf(third)).toEqual([]);
  });

start('one that is cut off by kill -9 is cleared away by the next', async () => {
  const starting = lab(['up', '--name', third]);
  await eventually(async () => (await partsOf(third)).length >= 3);
  starting.kill('SIGKILL');
  await starting;
  const left = await partsOf(third);
  expect(left.length).toBeGreaterThan(0);
  const { exitCode, stderr } = await lab(['up', '--name', third, '--bare']);
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('never finished')]);
  expect((await partsOf(third)).filter((part) => left.includes(part))).toEqual([]);
  await lab(['down', third]);
  expect(await partsOf(third)).toEqual([]);
});

start(
  'labs that are started at the same time find a place each, and stay there when another has gone',
  async () => {
    const names = ['e2e-at-once-1', 'e2e-at-once-2'];
    try {
      const started = await Promise.all(names.map((name) => lab(['up', '--name', name, '--bare'])));
      expect(started.map(({ exitCode, stderr }) => (exitCode === 0 ? '' : stderr))).toEqual(
        names.map(() => ''),
      );
      const networks = await execa('docker', [
        'network',
        'ls',
        '-q',
        '--filter',
        'name=tcpcopy-lab-e2e-at-once',
      ]);
      expect(networks.stdout.split('\n')).toHaveLength(names.length);
      const [gone, ...stayed] = names as [string, ...string[]];
      await lab(['down', gone]);
      for (const name of stayed) {
        const before = await partsOf(name);
        expect((await lab(['up', '--name', name, '--bare'])).exitCode).toBe(0);
        expect(await partsOf(name)).toEqual(before);
      }
    } finally {
      await Promise.all(names.map((name) => lab(['down', name])));
    }
  },
);

start.play();

test('a subnet that somebody else uses is refused, with another to take', async () => {
  const name = 'e2e-foreign';
  await execa('docker', ['network', 'create', '--internal', '--subnet', '198.19.250.0/24', name]);
  try {
    const { exitCode, stderr } = await lab(['up', '--name', third, '--subnet', '198.19.250.0/24']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`in use by Docker network ${name}`);
    expect(stderr).toMatch(/for example 198\.1[89]\.\d+\.0\/24/);
    expect(await partsOf(third)).toEqual([]);
  } finally {
    await execa('docker', ['network', 'rm', name]);
  }
});
