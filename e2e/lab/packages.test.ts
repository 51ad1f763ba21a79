import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import traditional from '../../topologies/traditional';
import { verifyLab } from '../../lab/verify/verify-lab';
import { bareMachine, type BareMachine } from '../stage/bare-machine';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';

const root = join(import.meta.dirname, '../..');

const make = (out: string) => execa(join(root, 'scripts/dist'), ['--arch', 'amd64', '--out', out]);

const lab = sharedLab(traditional, 'e2e-packages', { bare: true });
let folder: string;
let online: BareMachine;
let server: BareMachine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tcpcopy-lab-packages-'));
  await make(join(folder, 'release'));
  const packages = join(folder, 'release');
  [online, server] = await Promise.all(
    ['online', 'test'].map((node) => bareMachine(lab(), node, packages)),
  ) as [BareMachine, BareMachine];
});
afterAll(async () => {
  await Promise.all([online, server].map((machine) => machine[Symbol.asyncDispose]()));
  await rm(folder, { recursive: true, force: true });
});

const INSTALL = 'dpkg -i /packages/*.deb';

/** As systemd starts it: a user that may do nothing, but for two capabilities. */
const start = (program: string, command: string): string => {
  const rights = '+net_admin,+net_raw';
  const as = `--reuid 60001 --regid 60001 --clear-groups --inh-caps=-all,${rights} --ambient-caps=-all,${rights} --bounding-set=-all,${rights}`;
  return `setpriv ${as} --no-new-privs ${command} 2>/tmp/${program}.log &`;
};

/** The command line of a unit that is installed. */
const commandOf = (machine: BareMachine, unit: string): Promise<string> =>
  machine.shell(`sed -n 's/^ExecStart=//p' /lib/systemd/system/${unit}`);

test('two servers without Node and without anything of ours copy with what the package has installed, and verify is exact', async () => {
  const [from, to] = ['online', 'test'].map((node) => lab().node(node).definition.address);
  for (const machine of [online, server]) expect(await machine.shell('command -v node || echo none')).toBe('none');
  await Promise.all([online, server].map((machine) => machine.shell(INSTALL)));
  await server.shell('iptables -I OUTPUT -p tcp --sport 8080 -j NFQUEUE');
  await server.shell(`printf 'passlist = ${from}\\nbind = ${to}\\n' >/etc/tcpcopy/intercept.conf`);
  await online.shell(`printf 'transfer = 80-${to}:8080\\nserver = ${from}\\n' >/etc/tcpcopy/tcpcopy.conf`);
  await server.shell(start('intercept', await commandOf(server, 'intercept.service')));
  await online.shell(start('tcpcopy', await commandOf(online, 'tcpcopy.service')));
  const log = () => online.shell('cat /tmp/tcpcopy.log');
  await eventually(async () => (await log()).includes('"copying"'), 10_000, log);
  // The logs are not in the nodes, and their programs are another user's.
  const { verification } = await verifyLab({ ...lab(), flavour: '0.9' }, { seed: 18, requests: 800 });
  expect(verification.reasons).toEqual([]);
  expect(verification.requests).toMatchObject({ missing: 0, duplicated: 0, altered: 0, reordered: 0 });
});
