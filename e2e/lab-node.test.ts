import { silent } from '../lab/engine/docker/progress';
import { findLab } from '../lab/engine/labs/find';
import { down } from '../lab/engine/down';
import { openLab } from '../lab/engine/nodes/running-lab';
import { up } from '../lab/engine/up';
import type { RunningLab } from '../lab/engine/nodes/lab';
import traditional from '../topologies/traditional';

const name = 'e2e-node';

let lab: RunningLab;
beforeAll(async () => {
  const { signal } = new AbortController();
  await up(traditional, { name, bare: true, progress: silent, signal });
  lab = await openLab(name);
});
afterAll(async () => {
  await down(await findLab(name), silent);
});

test('a command has its output, its input and its exit status', async () => {
  const node = lab.node('client');
  const shell = ['sh', '-c', 'cat; echo complaint >&2; exit 3'];
  const { exitCode, stdout, stderr } = await node.exec(shell, { input: 'words' });
  expect([exitCode, stdout.toString(), stderr.toString()]).toEqual([3, 'words', 'complaint\n']);
});

test('a command that takes too long is ended, with what it started', async () => {
  const node = lab.node('client');
  const slow = node.exec(['sh', '-c', 'sleep 4321; true'], { timeout_ms: 300 });
  await expect(slow).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await node.exec(['pgrep', '-f', '^sleep 4321'])).exitCode).toBe(1);
});

test('files of every byte come back as they went', async () => {
  const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * 7) & 255));
  const node = lab.node('test');
  await node.writeFile('/tmp/bytes', bytes);
  expect(bytes.equals(await node.readFile('/tmp/bytes'))).toBe(true);
  await expect(node.readFile('/tmp/nothing')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  await expect(node.writeFile('/usr/bytes', 'x')).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});

test('a tap on the bridge sees what passes between the nodes', async () => {
  const host = await lab.host();
  // Without immediate mode tcpdump may hold packets back for a second, and an interrupt makes it forget them.
  const command = ['tcpdump', '--immediate-mode', '-U', '-w', '/tmp/bridge.pcap', '-i', lab.bridge('lan')];
  const tap = await host.start([...command, 'tcp port 80']);
  while (!tap.stderr().includes('listening on')) await new Promise((resolve) => setTimeout(resolve, 20));
  await lab.node('client').exec(['curl', '-s', 'http://online/tapped']);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { exitCode, stderr } = await tap.stop();
  expect([exitCode, stderr.toString()]).toEqual([0, expect.stringContaining('0 packets dropped')]);
  expect((await host.readFile('/tmp/bridge.pcap')).includes('GET /tapped')).toBe(true);
});

test('what is not there is answered with what is', async () => {
  expect(codeThrownBy(() => lab.node('nobody'))).toBe('NODE_UNKNOWN');
  expect(codeThrownBy(() => lab.bridge('wan'))).toBe('NETWORK_UNKNOWN');
  await expect(openLab('e2e-nobody')).rejects.toMatchObject({ code: 'LAB_UNKNOWN' });
});

function codeThrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
