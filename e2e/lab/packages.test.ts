import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import traditional from '../../topologies/traditional';
import { verifyLab, type Phase } from '../../lab/verify/verify-lab';
import { bareMachine, type BareMachine } from '../stage/bare-machine';
import { drawing } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { EXACT_MS, undisturbed } from '../stage/verify-support';

const root = join(import.meta.dirname, '../..');

const make = (out: string, form: 'deb' | 'tar' | 'deb,tar') =>
  execa(join(root, 'scripts/dist'), ['--arch', 'amd64', '--form', form, '--out', out]);

const lab = sharedLab(traditional, 'e2e-packages', { bare: true });
/** Holds `release`, and with another version `newer`; both stand on the servers as /packages. */
let folder: string;
let online: BareMachine;
let server: BareMachine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tcpcopy-lab-packages-'));
  await make(join(folder, 'release'), 'deb');
  const machines = await Promise.all(['online', 'test'].map((node) => bareMachine(lab(), node, folder)));
  [online, server] = machines as [BareMachine, BareMachine];
});
afterAll(async () => {
  await Promise.all([online, server].map((machine) => machine[Symbol.asyncDispose]()));
  await rm(folder, { recursive: true, force: true });
});

const INSTALL = 'dpkg -i /packages/release/*.deb';

/** As systemd starts it: a user that may do nothing, but for two capabilities, with what the installed unit says. */
async function start(machine: BareMachine, program: string): Promise<void> {
  const said = async (key: string): Promise<string> => {
    const value = await machine.shell(`sed -n 's/^${key}=//p' /lib/systemd/system/${program}.service`);
    return value.replaceAll('%N', program).replaceAll('%t', '/run');
  };
  const user = await said('User');
  const folder = await said('RuntimeDirectory');
  if (folder) await machine.shell(`install -d -o ${user} -g ${user} /run/${folder}`);
  const rights = '+net_admin,+net_raw';
  const as = `--reuid ${user} --regid ${user} --clear-groups --inh-caps=-all,${rights} --ambient-caps=-all,${rights} --bounding-set=-all,${rights}`;
  const command = `env ${await said('Environment')} setpriv ${as} --no-new-privs ${await said('ExecStart')}`;
  await machine.shell(`${command} 2>/tmp/${program}.log &`);
}

async function startPrograms(): Promise<void> {
  await start(server, 'intercept');
  await start(online, 'tcpcopy');
  const log = () => online.shell('cat /tmp/tcpcopy.log');
  await eventually(async () => (await log()).includes('"copying"'), 60_000, log);
}

/** Ends one in order; what the installed executable was before an upgrade runs until then. */
const stop = (machine: BareMachine, program: string): Promise<string> =>
  machine.shell(
    `for one in /proc/[0-9]*; do [ "$(cat $one/comm 2>/dev/null)" != ${program} ] || kill \${one#/proc/}; done
     while grep -qsx ${program} /proc/[0-9]*/comm; do sleep 0.05; done`,
  );

/** How many requests a server's log has. */
async function served(node: string, request: string): Promise<number> {
  const { stdout } = await lab().node(node).exec(['grep', '-c', request, '/var/log/nginx/access.log']);
  return Number(stdout);
}

test('two servers without Node and without anything of ours copy with what the package has installed, and verify is exact', async () => {
  const [from, to] = ['online', 'test'].map((node) => lab().node(node).definition.address);
  for (const machine of [online, server])
    expect(await machine.shell('command -v node || echo none')).toBe('none');
  await Promise.all([online, server].map((machine) => machine.shell(INSTALL)));
  await server.shell('iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE');
  await server.shell(`printf 'passlist = ${from}\\nbind = ${to}\\n' >/etc/tcpcopy/intercept.conf`);
  await online.shell(`printf 'transfer = 80-${to}:8080\\nserver = ${from}\\n' >/etc/tcpcopy/tcpcopy.conf`);
  await startPrograms();
  // The logs are not in the nodes, and their programs are another user's.
  const { verification } = await undisturbed(() =>
    verifyLab({ ...lab(), flavour: '0.9' }, { seed: 18, requests: 800 }),
  );
  expect(verification.reasons).toEqual([]);
  expect(verification.requests).toMatchObject({ missing: 0, duplicated: 0, altered: 0, reordered: 0 });
});

test('what is installed compares captures, and says what reads them', async () => {
  expect(await online.shell('tcpcopy compare --help')).toContain('--online');
  expect(await online.shell('cat /usr/share/doc/tcpcopy-lab/copyright')).toContain('License: http-parser-js');
});

const use = drawing('uses of what is released', 1);

use(
  'an upgrade while it copies disturbs no copy, and what runs afterwards is started anew in order',
  async () => {
    const [deb] = (await readdir(join(folder, 'release'))).filter((name) => name.endsWith('.deb'));
    const tree = join(folder, 'tree');
    await execa('dpkg-deb', ['-R', join(folder, 'release', deb!), tree]);
    await execa('sed', ['-i', 's/^Version: .*/&+later/', join(tree, 'DEBIAN/control')]);
    await mkdir(join(folder, 'newer'));
    await execa('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, join(folder, 'newer')]);
    const load = lab()
      .node('client')
      .exec(['ab', '-q', '-k', '-n', '12000', '-c', '4', 'http://online/upgraded']);
    await Promise.all([online, server].map((machine) => machine.shell('dpkg -i /packages/newer/*.deb')));
    expect((await load).exitCode).toBe(0);
    await eventually(async () => (await served('test', '/upgraded')) === 12000);
    expect(await served('online', '/upgraded')).toBe(12000);
    await stop(server, 'intercept');
    await stop(online, 'tcpcopy');
    await startPrograms();
    await lab().node('client').exec(['ab', '-q', '-n', '200', '-c', '4', 'http://online/again']);
    await eventually(async () => (await served('test', '/again')) === 200);
  },
);

use(
  'the services prove a key that is their user’s alone, and put the guard there themselves: it outlives nft flush ruleset',
  async () => {
    const key = '/etc/tcpcopy/tcpcopy.key';
    await stop(online, 'tcpcopy');
    await stop(server, 'intercept');
    await server.shell('iptables -D OUTPUT -p tcp --sport 8080 -j NFQUEUE');
    const keys = await online.shell('tcpcopy keygen');
    for (const machine of [online, server])
      await machine.shell(`umask 077; echo '${keys}' >${key}; chown tcpcopy: ${key}`);
    await server.shell(`printf 'key-file = ${key}\nguard = 8080\n' >>/etc/tcpcopy/intercept.conf`);
    await online.shell(`echo 'key-file = ${key}' >>/etc/tcpcopy/tcpcopy.conf`);
    await startPrograms();
    const queued = 'iptables-save | grep -c -- "--sport 8080 .*-j NFQUEUE" || true';
    const flush = async (phase: Phase): Promise<void> => {
      if (phase !== 'half-way') return;
      await server.shell('nft flush ruleset');
      await eventually(async () => (await server.shell(queued)) === '1');
    };
    const { verification } = await verifyLab(
      { ...lab(), flavour: '0.9' },
      { seed: 19, requests: 800, rate: 200, patience_ms: EXACT_MS, onPhase: flush },
    );
    // What the lab itself counts by rules there has gone with the others.
    const gone = expect.stringContaining('the kernel counted 0 segments');
    expect(verification.reasons).toEqual([expect.objectContaining({ message: gone })]);
    expect(verification.requests).toMatchObject({ missing: 0, duplicated: 0, altered: 0, reordered: 0 });
    expect(await server.shell('tc filter show dev eth0 egress')).toContain('bpf');
    await stop(online, 'tcpcopy');
    await stop(server, 'intercept');
    expect(await server.shell('iptables-save; ip6tables-save; tc filter show dev eth0 egress')).not.toMatch(
      /8080|bpf/,
    );
    await startPrograms();
  },
);

use('a downgrade keeps what was written, so does a removal, and nothing is left after a purge', async () => {
  const there = (path: string) => online.shell(`[ -e ${path} ] && echo there || echo gone`);
  await online.shell(INSTALL);
  expect(await online.shell('cat /etc/tcpcopy/tcpcopy.conf')).toContain('transfer = 80-');
  await stop(online, 'tcpcopy');
  await online.shell("cd /etc/tcpcopy; touch tcpcopy.key; echo '# mine' >shop.conf; dpkg -r tcpcopy-lab");
  expect(await there('/usr/sbin/tcpcopy')).toBe('gone');
  expect(await there('/etc/tcpcopy/tcpcopy.conf')).toBe('there');
  await online.shell('dpkg -P tcpcopy-lab');
  expect(await online.shell('ls /etc/tcpcopy')).toBe('shop.conf\ntcpcopy.key');
  const within = '-xdev -newer /etc/tcpcopy/shop.conf -not -path "/proc/*" -not -path "/tmp/*"';
  const left = `find / ${within} -path "*tcpcopy*" -not -path "/etc/tcpcopy*"`;
  expect(await online.shell(left)).toBe('');
});

use('the same commit is the same bytes, wherever it is made', async () => {
  const sums = (out: string): Promise<string> => readFile(join(folder, out, 'SHA256SUMS'), 'utf8');
  await make(join(folder, 'plain'), 'tar');
  await make(join(folder, 'both'), 'deb,tar');
  expect(await sums('both')).toBe((await sums('release')) + (await sums('plain')));
  expect(await sums('both')).toMatch(
    /^[0-9a-f]{64} {2}tcpcopy-lab_.*_amd64\.deb\n[0-9a-f]{64} {2}.*\.tar\.gz\n$/,
  );
});

const hasLintian = spawnSync('lintian', ['--version']).status === 0;
if (hasLintian)
  use('lintian finds no error', async () => {
    const [deb] = (await readdir(join(folder, 'release'))).filter((name) => name.endsWith('.deb'));
    await execa('lintian', ['--allow-root', '--fail-on', 'error', join(folder, 'release', deb!)]);
  });

use.play();
