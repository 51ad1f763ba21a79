import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab, type Lab, type StartOptions, type Topology } from '../../lab/library';
import { ipFrame, segment } from '../../lab/scenarios/planted/frames';
import { Ground } from '../../lab/scenarios/planted/ground';
import { sceneOf } from '../../lab/verify/collect/scene-of';
import { ACK, PSH } from '../../src/wire/tcp';
import { drawing } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { startMachines, type Machines } from '../stage/machines';
import type { OwnMachine } from '../stage/own-machine';
import { EXACT_MS, verify } from '../stage/verify-support';

const NAME = 'e2e-machines';

let machines: Machines;
let folder: string;
beforeAll(async () => {
  machines = await startMachines();
  process.env['LAB_SSH'] = machines.ssh;
  folder = await mkdtemp(join(tmpdir(), 'lab-machines-files-'));
});
afterAll(async () => {
  delete process.env['LAB_SSH'];
  await machines.remove();
  await rm(folder, { recursive: true, force: true });
});

/** What a lab could leave: files, programs, rules. */
const LEFT = `ls -A /opt; pgrep --ns 1 --nslist pid -x 'tcpcopy|intercept|lab-load|tcpdump'
ip route | grep -vx '198.19.251.0/24 dev [^ ]* proto kernel scope link src [0-9.]* *'
for table in filter raw mangle; do iptables -t $table -S; done | grep '^-A'; ls /tmp /var/log | grep -E 'verify|tcpcopy|intercept'; true`;

async function expectNothingOn(...all: readonly OwnMachine[]): Promise<void> {
  for (const machine of all) {
    expect([machine.name, await machine.shell(LEFT)]).toEqual([machine.name, '']);
    const served = ['-sf', '-m', '5', `http://${machine.address}:${machine.port}/still`];
    expect((await execa('curl', served)).stdout).toBe('done');
  }
}

async function withMachines(
  topology: Topology,
  work: (lab: Lab) => Promise<void>,
  options: Pick<StartOptions, 'release'> = {},
): Promise<void> {
  const lab = await startLab(topology, { name: NAME, machines: 'agreed', ...options });
  try {
    await work(lab);
  } finally {
    await lab.down();
  }
}

const proof = drawing('proofs on machines', 1);

const lab = (command: string, ...argv: readonly string[]) =>
  execa('./bin/lab', [command, ...argv], { reject: false, stdin: 'ignore' });

/** A program of this name that is somebody else's: in a container of the machine. */
const BESIDE = `cp /bin/sleep /root/intercept
PROGRAM=/root/intercept setsid unshare --pid --fork sh -c 'exec "$PROGRAM" 600' >/dev/null 2>&1 </dev/null &`;

test('a real pair of servers is copied between as it stands, exactly and without a leak, and is left as it was', async () => {
  await machines.test.shell(BESIDE);
  await withMachines(machines.pair, async (running) => {
    const { reasons, leaks, requests, controls } = await verify(running, {}, { patience_ms: EXACT_MS });
    expect([reasons, leaks.frames, leaks.exposures]).toEqual([[], 0, []]);
    expect(requests).toMatchObject({ missing: 0, duplicated: 0, altered: 0, reordered: 0 });
    expect(controls.filter(({ seen }) => seen).map(({ tap }) => tap)).toEqual(
      expect.arrayContaining(['client', 'online', 'test', 'test elsewhere', 'bridge lan']),
    );
    expect((await lab('exec', 'test', '--name', NAME, '--', 'echo', 'here')).stdout).toBe('here');
    const served = async (machine: OwnMachine): Promise<string> =>
      (await machine.shell('sort /run/requests')).replaceAll(/^\/still\n?/gm, '');
    // Besides the copies the test server has what the online server asked it itself.
    const [online, copied] = await Promise.all([served(machines.online), served(machines.test)]);
    const missing = online.split('\n').filter((one) => !copied.includes(one));
    expect(missing).toEqual([]);
  });
  await expectNothingOn(machines.online, machines.test);
  expect(await machines.test.shell('pgrep -cx intercept; pkill -x intercept; true')).toBe('1');
});

proof(
  'a machine’s responses are routed to an assistant in a container, and its routes are its own again',
  async () => {
    await withMachines(machines.routed, async (running) => {
      const { reasons, leaks } = await verify(running, {}, { patience_ms: EXACT_MS });
      expect([reasons, leaks.frames, leaks.exposures]).toEqual([[], 0, []]);
    });
    await expectNothingOn(machines.online, machines.test);
  },
);

proof('what runs on machines is what a package has, where one is named', async () => {
  const out = join(folder, 'release');
  await execa('scripts/dist', ['--arch', 'amd64', '--form', 'tar', '--out', out]);
  const [release] = (await readdir(out)).filter((name) => name.endsWith('.tar.gz'));
  const work = async (running: Lab): Promise<void> => {
    const { reasons, leaks } = await verify(running, {}, { patience_ms: EXACT_MS });
    expect([reasons, leaks.frames]).toEqual([[], 0]);
    const { stdout } = await running
      .node('test')
      .exec(['sh', '-c', 'readlink /proc/$(pgrep --ns 1 --nslist pid -x intercept)/exe']);
    expect(stdout.toString().trim()).toBe('/opt/tcpcopy-lab/sbin/tcpcopy');
  };
  await withMachines(machines.pair, work, { release: join(out, release!) });
  await expectNothingOn(machines.online, machines.test);
});

proof('a response that gets past the guard of a machine is a leak, seen there and at the client', () =>
  withMachines(machines.half, async (running) => {
    const ground = await Ground.of(running, await sceneOf(running));
    const plant = async (): Promise<void> => {
      const packet = segment(ground.copied, ground.clientEnd, PSH | ACK, 'HTTP/1.1 200 OK\r\n\r\n');
      await ground.send(ground.test, ipFrame(ground.link(ground.test, ground.client), packet));
    };
    const { reasons, leaks } = await verify(running, { 'half-way': plant });
    expect(reasons.map(({ code }) => code)).toContain('leak');
    for (const tap of ['client', 'test', 'bridge lan']) expect([tap, leaks.byTap[tap]]).toEqual([tap, 1]);
  }),
);

proof(
  'a machine whose ssh is cut in the middle leaks nothing, is named, and is cleaned when it is back',
  async () => {
    const { half, test: machine } = machines;
    await withMachines(half, async (running) => {
      const client = running.node('client');
      const responses = ['-p', 'tcp', '-s', machine.address, '--sport', String(machine.port)];
      await client.exec(['iptables', '-t', 'raw', '-A', 'PREROUTING', ...responses]);
      const cut = verify(running, { 'half-way': () => machine.cutOff() });
      await expect(cut).rejects.toMatchObject({ code: 'MACHINE_UNREACHABLE' });
      const { stdout } = await client.exec(['iptables', '-t', 'raw', '-vxnL', 'PREROUTING']);
      expect(stdout.toString()).toMatch(/^\s+0\s+0\s.*spt:8080/m);
    });
    const away = await lab('down', NAME);
    expect([away.exitCode, away.stderr]).toEqual([
      0,
      expect.stringContaining(`test (${machine.ssh}) does not answer`),
    ]);
    expect(await machine.shell('iptables -S OUTPUT')).toContain('NFQUEUE');
    await machine.comeBack();
    expect((await lab('down', NAME)).exitCode).toBe(0);
    expect((await lab('list')).stdout).not.toContain(NAME);
    await expectNothingOn(machine);
  },
);

proof('`lab up` that is killed while it takes a machine leaves nothing behind `lab down`', async () => {
  const file = join(folder, 'killed.json');
  await writeFile(file, JSON.stringify(machines.half));
  const argv = ['up', file, '--name', NAME, '--yes'];
  const starting = execa('./bin/lab', argv, { reject: false, stdin: 'ignore' });
  await eventually(async () => (await machines.test.shell('ls -A /opt')) !== '');
  starting.kill('SIGKILL');
  await starting;
  expect((await lab('down', NAME)).exitCode).toBe(0);
  await expectNothingOn(machines.test);
});

test('what is done on machines is printed before, and done only when it was agreed to', async () => {
  const file = join(folder, 'machines.json');
  await writeFile(file, JSON.stringify(machines.pair));
  const planned = await lab('plan', file);
  const refused = await lab('up', file, '--name', NAME);
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('--yes')]);
  for (const printed of [planned.stdout, refused.stderr])
    for (const line of [
      'iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE',
      'intercept -x',
      'remove /opt/tcpcopy-lab',
    ])
      expect(printed).toContain(line);
  await expectNothingOn(machines.online, machines.test);
});

test('a machine that does not fit is named with all that is wrong with it, and nothing is changed there', async () => {
  const { half, test: machine } = machines;
  const nodes = { ...half.nodes, test: { ...half.nodes['test']!, address: '198.19.251.31' } };
  const outcome = startLab({ ...half, nodes }, { name: NAME, machines: 'agreed' });
  await expect(outcome).rejects.toThrow(/test .*its device ens3 does not have the address 198\.19\.251\.31/);
  await expectNothingOn(machine);
});

test.each(['online', 'test'] as const)('a Docker engine is reached by the ssh server of %s', async (name) => {
  const listed = await lab('list', '--engine', `x=ssh://${machines[name].ssh}`);
  // Of what is said besides, the greeting of the shell there alone is passed on.
  expect([listed.exitCode, listed.stderr.replaceAll(/^ssh to .+: It is late\.$\n?/gm, '')]).toEqual([0, '']);
});

proof.play();
