import { captureNodes } from '../../lab/capture/capture-nodes';
import { docker } from '../../lab/engine/docker/connection';
import { containerName } from '../../lab/engine/docker/names';
import { openLab, startLab, type Lab } from '../../lab/library';
import { packetsIn } from '../../src/wire/capture/capture-file';
import traditional from '../../topologies/traditional';
import { eventually } from '../stage/eventually';

const name = 'e2e-node';

let lab: Lab;
beforeAll(async () => {
  await startLab(traditional, { name, bare: true });
  lab = await openLab(name);
});
afterAll(() => lab.down());

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
  await eventually(async () => (await node.exec(['pgrep', '-f', '^sleep 4321'])).exitCode === 1);
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
  await eventually(() => tap.stderr().includes('listening on'));
  await lab.node('client').exec(['curl', '-s', 'http://online/tapped']);
  const isSeen = ['grep', '-aqF', 'GET /tapped', '/tmp/bridge.pcap'];
  await eventually(async () => (await host.exec(isSeen)).exitCode === 0);
  const { exitCode, stderr } = await tap.stop();
  expect([exitCode, stderr.toString()]).toEqual([0, expect.stringContaining('0 packets dropped')]);
  expect((await host.readFile('/tmp/bridge.pcap')).includes('GET /tapped')).toBe(true);
});

const never = new AbortController().signal;
const sinkOf = (pieces: Uint8Array[]) => ({
  write: (bytes: Uint8Array) => void pieces.push(bytes),
  waiting_bytes: 0,
});

test('a capture of several nodes is one stream, with an interface for each, in the order of time', async () => {
  const pieces: Uint8Array[] = [];
  const nodes = [lab.node('client'), lab.node('online')];
  const asked = { nodes, device: 'eth0', filter: 'tcp port 80', frames_max: 12 };
  const { frames, dropped } = await captureNodes(asked, sinkOf(pieces), never, () => {
    void lab.node('client').exec(['curl', '-s', 'http://online/captured']);
  });
  expect([frames.get('client')! + frames.get('online')!, dropped]).toEqual([12, 0]);
  const stream = Buffer.concat(pieces);
  const times = [...packetsIn(stream)].map(({ timestamp }) => timestamp!);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  // Another reader of it, which knows nothing of ours.
  const host = await lab.host();
  await host.writeFile('/tmp/stream.pcapng', stream);
  const { stdout } = await host.exec(['tcpdump', '-n', '-r', '/tmp/stream.pcapng', '-A']);
  expect(stdout.toString().match(/HTTP: GET \/captured/g)).toHaveLength(2);
  expect(stream.toString('latin1')).toMatch(/client:eth0[^]*online:eth0/);
});

test('a reader that does not read costs no memory, and a capture that cannot be is refused', async () => {
  const pieces: Uint8Array[] = [];
  const full = { write: (bytes: Uint8Array) => void pieces.push(bytes), waiting_bytes: Infinity };
  const end = new AbortController();
  const captured = captureNodes({ nodes: [lab.node('client')], device: 'lo' }, full, end.signal, () => {
    void lab
      .node('client')
      .exec(['bash', '-c', 'for i in 1 2 3; do echo x >/dev/udp/127.0.0.1/9; done'])
      .then(() => setTimeout(() => end.abort(), 1500));
  });
  expect((await captured).dropped).toBeGreaterThanOrEqual(3);
  expect(pieces).toHaveLength(1);
  const refused = (more: object) =>
    captureNodes({ nodes: [lab.node('client')], device: 'eth0', ...more }, sinkOf([]), never);
  await expect(refused({ device: 'eth9' })).rejects.toMatchObject({
    code: 'CAPTURE_REFUSED',
    message: expect.stringContaining('eth9 of client'),
  });
  await expect(refused({ filter: 'tcp and and' })).rejects.toMatchObject({ code: 'CAPTURE_REFUSED' });
  expect((await lab.node('client').exec(['pgrep', '-x', 'tcpdump'])).exitCode).toBe(1);
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

/** What decides on a node's rights, and on where it stands in its lab's subnet, whichever was free. */
async function containerOf(container: string): Promise<unknown> {
  const { HostConfig, Config, NetworkSettings } = await docker().getContainer(container).inspect();
  const { CapAdd, CapDrop, SecurityOpt, ReadonlyRootfs, Init, Privileged, Tmpfs, Sysctls, ExtraHosts } =
    HostConfig;
  const [network, ...others] = Object.values(NetworkSettings.Networks);
  expect(others).toEqual([]);
  const [subnet] = /^(\d+\.){3}/.exec(network!.IPAddress)!;
  return {
    rights: { CapAdd, CapDrop, SecurityOpt, ReadonlyRootfs, Init, Privileged, Tmpfs, Sysctls },
    place: { Hostname: Config.Hostname, Cmd: Config.Cmd, Image: Config.Image },
    addresses: [network!.IPAddress, ...(ExtraHosts as string[])].map((text) =>
      text.replace(subnet, 'SUBNET.'),
    ),
  };
}

test('testcontainers starts the same nodes as the engine’s API', async () => {
  const expected = await containerOf(containerName(name, 'client'));
  await lab.down();
  process.env['LAB_NODES_BY'] = 'testcontainers';
  try {
    await startLab(traditional, { name, bare: true });
  } finally {
    delete process.env['LAB_NODES_BY'];
  }
  lab = await openLab(name);
  expect(await containerOf(containerName(name, 'client'))).toEqual(expected);
});
