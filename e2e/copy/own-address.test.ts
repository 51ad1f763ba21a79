/** Copies under the online server's own address, where the network lets no other pass, beside its own programs. */
import { expect, test } from '@jest/globals';
import type { Lab, LabNode } from '../../lab/library';
import { parseAddress } from '../../src/wire/address/address';
import { verifyLab, type Phase } from '../../lab/verify/verify-lab';
import { eachFrame } from '../../lab/verify/frames/frames';
import cloud from '../../topologies/cloud';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { shell } from '../stage/verify-support';

const lab = sharedLab(cloud, 'e2e-own-address');

const OWN_PROGRAM = '/tmp/own-program.mjs';
const SAID = '/tmp/own-program.json';

/** Opens and closes connections to the test server until it is told to end, and says how many failed. */
const ownProgram = (server: string): string => `
import { request } from 'node:http';
import { writeFileSync } from 'node:fs';
let going = true;
const said = { answered: 0, failed: [], ports: [] };
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => (going = false));
const ask = () => new Promise((resolve) => {
  const asked = request({ host: '${server}', port: 8080, path: '/own', agent: false, timeout: 30_000 }, (response) => {
    response.resume().on('end', () => { said.answered += 1; resolve(); });
  });
  asked.on('timeout', () => asked.destroy(new Error('timeout')));
  asked.on('error', (error) => { said.failed.push(error.message); resolve(); });
  asked.end();
});
const line = async () => { while (going) { await ask(); await new Promise((next) => setTimeout(next, 2)); } };
await Promise.all([line(), line(), line()]);
writeFileSync('${SAID}', JSON.stringify(said));
`;

interface Said {
  readonly answered: number;
  readonly failed: readonly string[];
}

/** The online server's own program begins. @returns what ends it, and tells what it says */
async function startOwnProgram(running: Lab): Promise<() => Promise<Said>> {
  const online = running.node('online');
  await online.writeFile(OWN_PROGRAM, ownProgram(running.node('test').definition.address));
  const program = await online.start(['/opt/tcpcopy-lab/bin/node', OWN_PROGRAM]);
  return async () => {
    await program.stop();
    return JSON.parse((await online.readFile(SAID)).toString()) as Said;
  };
}

/** It runs meanwhile. */
async function beside(running: Lab, work: () => Promise<void>): Promise<Said> {
  const end = await startOwnProgram(running);
  await work();
  return end();
}

/** Who spoke to the test server, as ports of the online server's address, and others. */
function speakersIn(capture: Uint8Array, own: number): { ports: Set<number>; others: Set<number> } {
  const ports = new Set<number>();
  const others = new Set<number>();
  eachFrame(capture, ({ segment }) => {
    if (segment?.destinationPort !== 8080) return;
    if (segment.source === own) ports.add(segment.sourcePort);
    else others.add(segment.source);
  });
  return { ports, others };
}

const isCopys = (port: number): boolean => port >= 61_000;

const logOf = async (node: LabNode, program: string): Promise<string> =>
  (await node.exec(['cat', `/var/log/${program}.log`])).stdout.toString();

test('where no foreign source passes, the copy is exact under the own address, beside an own program', async () => {
  let end: (() => Promise<Said>) | undefined;
  // Of a connection that began before the taps they cannot tell whose it is.
  const onPhase = async (phase: Phase): Promise<void> => {
    if (phase === 'load-started') end = await startOwnProgram(lab());
  };
  const { verification, evidence } = await verifyLab(lab(), { seed: 7, onPhase });
  const said = await end!();
  expect(verification.reasons).toEqual([]);
  expect(verification.requests).toMatchObject({ missing: 0, duplicated: 0, altered: 0, reordered: 0 });
  expect(said.failed).toEqual([]);
  expect(said.answered).toBeGreaterThan(100);
  const tap = evidence.taps.find(({ node }) => node === 'test')!;
  const own = parseAddress(lab().node('online').definition.address)!;
  const { ports, others } = speakersIn(tap.capture, own);
  expect([...others]).toEqual([]);
  expect([...ports].filter(isCopys).length).toBeGreaterThan(100);
  expect([...ports].filter((port) => !isCopys(port)).length).toBeGreaterThan(100);
});

/** Stops both programs of the copy, and starts them again with these arguments. */
async function copyAgain(running: Lab, further: { intercept?: string; tcpcopy?: string }): Promise<void> {
  const [online, server] = [running.node('online'), running.node('test')];
  const stop = (program: string): string =>
    `pkill -x ${program}; while pgrep -x ${program} >/dev/null; do sleep 0.05; done; rm -f /var/log/${program}.log`;
  await shell(online, stop('tcpcopy'));
  await shell(server, stop('intercept'));
  const [from, to] = [online.definition.address, server.definition.address];
  await shell(server, `intercept -x ${from} -b ${to} ${further.intercept ?? ''} --metrics 9101 -d`);
  await shell(
    online,
    `tcpcopy -x 80-${to}:8080 -s ${from} -c ${from} ${further.tcpcopy ?? ''} --metrics 9100 -d`,
  );
  await eventually(async () => (await counters(running))['tcpcopy_armed'] === 1);
}

async function counters(running: Lab): Promise<Record<string, number>> {
  const { stdout } = await running.node('online').exec(['curl', '-s', 'http://127.0.0.1:9100/metrics']);
  const samples = stdout.toString().matchAll(/^([a-z_]+(?:\{reason="[^"]*"\})?) (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, name, value]) => [name!, Number(value)]));
}

/** So many requests of the client's, a connection each; all are answered. */
const asks = (running: Lab, requests: number): Promise<void> =>
  shell(running.node('client'), `ab -q -n ${requests} -c 10 http://online/asked`);

/** How many of them the test server has answered. */
async function arrived(running: Lab): Promise<number> {
  const { stdout } = await running
    .node('test')
    .exec(['sh', '-c', 'grep -c /asked /var/log/nginx/access.log']);
  return Number(stdout);
}

const forget = (running: Lab): Promise<void> =>
  shell(running.node('test'), 'truncate -cs 0 /var/log/nginx/access.log');

const ownCopies = (running: Lab, ports = '61000-65535'): string =>
  `--own-copies ${running.node('online').definition.address}:${ports}`;

test('an intercept that was not told of own copies has them refused, by the option that names them', async () => {
  await copyAgain(lab(), {});
  await forget(lab());
  const said = await beside(lab(), () => asks(lab(), 100));
  expect(said.failed).toEqual([]);
  expect(await arrived(lab())).toBe(0);
  const counted = await counters(lab());
  expect(counted['tcpcopy_packets_sent_total']).toBe(0);
  expect(counted['tcpcopy_copies_refused_total{reason="passlisted"}']).toBeGreaterThanOrEqual(100);
  expect(await logOf(lab().node('online'), 'tcpcopy')).toContain(ownCopies(lab()));
});

test('ports that a program of the machine holds are left to it, and fewer of them suffice', async () => {
  const online = lab().node('online');
  const ports = '62000-62019';
  // The first ten of twenty, as listeners: whatever a socket does there, the port is held.
  await online.writeFile(
    '/tmp/holds.mjs',
    `import { createServer } from 'node:net';
     for (let port = 62000; port < 62010; port += 1) createServer().listen(port);
     console.error('holds');`,
  );
  const holder = await online.start(['/opt/tcpcopy-lab/bin/node', '/tmp/holds.mjs']);
  try {
    await eventually(() => holder.stderr().includes('holds'));
    await copyAgain(lab(), { intercept: ownCopies(lab(), ports), tcpcopy: `--source-ports ${ports}` });
    await forget(lab());
    const tap = await lab()
      .node('test')
      .start(['tcpdump', '-l', '-n', '-i', 'eth0', 'tcp[13] == 2 and dst port 8080']);
    await eventually(() => tap.stderr().includes('listening on'));
    // A port is free again a second after its connection has ended.
    const slowly = 'for i in $(seq 24); do curl -sf http://online/asked >/dev/null; sleep 0.2; done';
    await shell(lab().node('client'), slowly);
    await eventually(async () => (await arrived(lab())) === 24);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const { stdout } = await tap.stop();
    const used = [...stdout.toString().matchAll(/IP \d+\.\d+\.\d+\.\d+\.(\d+) >/g)].map(([, port]) =>
      Number(port),
    );
    expect(used.length).toBeGreaterThanOrEqual(24);
    for (const port of used) expect(port >= 62_010 && port <= 62_019).toBe(true);
    expect((await counters(lab()))['tcpcopy_source_ports_held_total']).toBeGreaterThan(0);
  } finally {
    await holder.stop();
  }
});

test('more connections than there are ports are refused, and the log has the arithmetic', async () => {
  const ports = '62000-62003';
  await copyAgain(lab(), { intercept: ownCopies(lab(), ports), tcpcopy: `--source-ports ${ports}` });
  await shell(
    lab().node('client'),
    'for i in $(seq 8); do (sleep 2 | curl -sfN -T - http://online/ >/dev/null) & done; wait; true',
  );
  expect((await counters(lab()))['tcpcopy_copies_refused_total{reason="no-port"}']).toBeGreaterThan(0);
  expect(await logOf(lab().node('online'), 'tcpcopy')).toMatch(
    /one of the 4 ports 62000-62003 .* 4 are open at one test server/,
  );
});

test('a rule that excepts the online server is no guard of its copies, and nothing is sent', async () => {
  const server = lab().node('test');
  await copyAgain(lab(), { intercept: ownCopies(lab()) });
  const excepted = `OUTPUT -p tcp --sport 8080 -d ${lab().node('online').definition.address} -j ACCEPT`;
  await shell(server, `iptables -I ${excepted}`);
  try {
    await eventually(async () =>
      (await logOf(server, 'intercept')).includes('may not except where copies come from'),
    );
    await eventually(async () => (await counters(lab()))['tcpcopy_armed'] === 0);
    await forget(lab());
    await asks(lab(), 50);
    expect(await arrived(lab())).toBe(0);
  } finally {
    await shell(server, `iptables -D ${excepted}`);
  }
  await eventually(async () => (await counters(lab()))['tcpcopy_armed'] === 1);
});

const HELD = `ss -tnH state connected exclude time-wait '( sport = :8080 and dport >= :61000 )'`;

/** Copies that the test server holds. */
const held = async (running: Lab): Promise<string> =>
  (await running.node('test').exec(['sh', '-c', HELD])).stdout.toString();

/** A client that says one request, and stays. */
const STAYS = '(sleep 60 | curl -sfN -T - http://online/ >/dev/null) & sleep 0.5';

test('what a killed tcpcopy leaves under the own address is buried, and an own program does not notice', async () => {
  await copyAgain(lab(), { intercept: ownCopies(lab()) });
  const said = await beside(lab(), async () => {
    await shell(lab().node('client'), STAYS);
    await eventually(async () => (await held(lab())) !== '');
    await shell(lab().node('online'), 'pkill -KILL -x tcpcopy');
    await eventually(async () => (await held(lab())) === '');
  });
  expect(said.failed).toEqual([]);
  expect(said.answered).toBeGreaterThan(100);
  await shell(lab().node('client'), 'pkill -f "^sleep 60"; pkill curl; true');
});

test('an intercept that is killed and comes back ends what was left under the own address', async () => {
  const [online, server] = [lab().node('online'), lab().node('test')];
  await copyAgain(lab(), { intercept: ownCopies(lab()) });
  await shell(lab().node('client'), STAYS);
  await eventually(async () => (await held(lab())) !== '');
  await shell(online, 'pkill -KILL -x tcpcopy');
  await shell(server, 'pkill -KILL -x intercept; while pgrep -x intercept >/dev/null; do sleep 0.05; done');
  await copyAgain(lab(), { intercept: ownCopies(lab()) });
  await shell(server, 'pkill -TERM -x intercept; while pgrep -x intercept >/dev/null; do sleep 0.05; done');
  expect(await held(lab())).toBe('');
  await shell(lab().node('client'), 'pkill -f "^sleep 60"; pkill curl; true');
});

test('where copies cannot have an own address the reason is told', async () => {
  const online = lab().node('online');
  const { address } = online.definition;
  const to = lab().node('test').definition.address;
  const refused = async (...argv: string[]): Promise<string> => {
    const { exitCode, stderr } = await online.exec(['tcpcopy', '-x', `80-${to}:8080`, ...argv, '-d']);
    expect(exitCode).toBe(2);
    return stderr.toString();
  };
  const assistant = lab().node('client').definition.address;
  expect(await refused('-s', assistant, '-c', address)).toContain('the kernel resets it');
  expect(await refused('-c', address, '--io', 'packages')).toContain('sends at the data link');
  expect(await refused('-c', '192.0.2.7', '--source-ports', '61000-62000')).toContain(
    'an address of this machine',
  );
  const { exitCode, stderr } = await lab()
    .node('test')
    .exec(['intercept', '-i', 'eth0', '--own-copies', `${address}:61000-65535`]);
  expect([exitCode, stderr.toString()]).toEqual([2, expect.stringContaining('whose kernel resets it')]);
  // By `lo` there is no Ethernet.
  await shell(online, `ip route add ${to}/32 dev lo`);
  try {
    const raw = await online.exec(['tcpcopy', '-x', `80-${to}:8080`, '-c', address]);
    expect([raw.exitCode, raw.stderr.toString() + raw.stdout.toString()]).toEqual([
      1,
      expect.stringContaining('is not reached by Ethernet'),
    ]);
  } finally {
    await shell(online, `ip route del ${to}/32 dev lo`);
  }
});

test('nothing that goes to the range gets out, registered or not, and all else does; without the option all does', async () => {
  const online = lab().node('online');
  const to = lab().node('test').definition.address;
  /** What is caught never comes; what is let through has time, should the machine be busy. */
  const answeredFrom = async (port: number, within_s = 20): Promise<boolean> => {
    const argv = ['curl', '-sf', '-m', String(within_s), '--local-port', String(port), `http://${to}:8080/`];
    return (await online.exec(argv)).exitCode === 0;
  };
  await copyAgain(lab(), { intercept: ownCopies(lab()) });
  expect([await answeredFrom(60_999), await answeredFrom(61_000, 1), await answeredFrom(65_535, 1)]).toEqual([
    true,
    false,
    false,
  ]);
  await copyAgain(lab(), {});
  expect([await answeredFrom(61_001), await answeredFrom(65_534)]).toEqual([true, true]);
});
