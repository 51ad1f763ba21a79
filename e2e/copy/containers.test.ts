/** Both programs in containers of their own, beside servers, as docs/containers.md and its Compose file have them. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { startLab, type StartedLab } from '../../lab/library';
import { interpolate } from '../../lab/services/interpolate';
import traditional from '../../topologies/traditional';
import { METRICS, type Program } from '../stage/copy-by-hand';
import { eventually } from '../stage/eventually';
import { EXACT_MS, expectReasons, verify } from '../stage/verify-support';

interface Service {
  readonly network_mode: string;
  readonly cap_drop: readonly string[];
  readonly cap_add: readonly string[];
  readonly security_opt: readonly string[];
  readonly command: readonly string[];
}

const NODES = { tcpcopy: 'online', intercept: 'test' } as const;
const FILE = join(import.meta.dirname, '../../packaging/containers/compose.yaml');
const run = promisify(execFile);
const docker = async (...words: string[]): Promise<string> => (await run('docker', words)).stdout.trim();

let lab: StartedLab;
const begun: string[] = [];
beforeAll(async () => {
  lab = await startLab(traditional, { name: 'e2e-containers', bare: true });
});
afterAll(async () => {
  await Promise.all(begun.map((container) => docker('rm', '--force', container)));
  await lab.down();
});

const containerOf = (node: string): string => `tcpcopy-lab-e2e-containers-${node}`;
const addressOf = (name: string): string => lab.node(name).definition.address;

/** Beside the node that is the service whose network it has, by `docker run` with what the Compose file says. */
async function startBeside(program: Program): Promise<string> {
  const image = await docker('inspect', '--format', '{{.Config.Image}}', containerOf('test'));
  const variables = {
    TCPCOPY_IMAGE: image,
    ONLINE_ADDRESS: addressOf('online'),
    TEST_ADDRESS: addressOf('test'),
  };
  const { services } = parse(interpolate(readFileSync(FILE, 'utf8'), variables)) as {
    services: Record<string, Service>;
  };
  const { network_mode, cap_drop, cap_add, security_opt, command } = services[program]!;
  expect(network_mode).toBe(`service:${NODES[program]}`);
  const name = `${containerOf(NODES[program])}-${program}`;
  begun.push(name);
  return docker(
    ...['run', '--detach', '--name', name, '--network', `container:${containerOf(NODES[program])}`],
    ...cap_drop.flatMap((one) => ['--cap-drop', one]),
    ...cap_add.flatMap((one) => ['--cap-add', one]),
    ...security_opt.flatMap((one) => ['--security-opt', one]),
    image,
    ...command,
  );
}

/** What /ready answers: its status, and why. */
async function readyOf(program: Program): Promise<string> {
  const node = lab.node(NODES[program]);
  const url = `http://127.0.0.1:${METRICS[program]}/ready`;
  const { stdout } = await node.exec(['curl', '-s', '-w', '%{http_code}', url]);
  return stdout.toString();
}

const logOf = async (container: string): Promise<string> => {
  const { stdout, stderr } = await run('docker', ['logs', container]);
  return stdout + stderr;
};

test('a copy by containers beside their servers is exact, leaks nothing, and is ready while the guard is proven', async () => {
  const tcpcopy = await startBeside('tcpcopy');
  await eventually(async () => (await readyOf('tcpcopy')).endsWith('503'));
  const intercept = await startBeside('intercept');
  await eventually(async () => (await readyOf('tcpcopy')) === 'copying\n200');
  expect(await readyOf('intercept')).toBe('armed\n200');
  const verification = await verify(lab, {}, { requests: 400, patience_ms: EXACT_MS });
  // It looks for both among the processes of the nodes, which see none of other containers. All else is as it must be.
  expectReasons(verification, ['intercept-not-running', 'tcpcopy-not-running']);
  await docker('stop', '--time', '20', intercept);
  expect(await logOf(intercept)).toContain('no copied connection is left');
  await eventually(async () => /intercept at .*503$/s.test(await readyOf('tcpcopy')));
  await docker('stop', '--time', '20', tcpcopy);
  const { State } = JSON.parse(await docker('inspect', '--format', '{{json .}}', tcpcopy)) as {
    State: { ExitCode: number };
  };
  expect(State.ExitCode).toBe(0);
});
