/** Copies under the online server's own address, where the network lets no other pass, beside its own programs. */
import { expect, test } from '@jest/globals';
import type { Lab } from '../../lab/library';
import { contains, parseSubnet, placeOf } from '../../lab/topology/addresses';
import type { TapEvidence } from '../../lab/verify/evidence/tap';
import { formatAddress } from '../../src/wire/address/address';
import { verifyLab, type Phase } from '../../lab/verify/verify-lab';
import { eachFrame } from '../../lab/verify/frames/frames';
import cloud from '../../topologies/cloud';
import { drawing, drawnFrom } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { shell, undisturbed } from '../stage/verify-support';
import {
  addressesOf,
  addressOf,
  arrived,
  asks,
  copyAgain,
  counters,
  FAMILIES,
  forget,
  host,
  logOf,
  ownCopies,
  tablesOf,
  type Family,
} from './own-address/copy-again';
import { startOwnProgram, type Said } from './own-address/own-program';

const lab = sharedLab(cloud, 'e2e-own-address');

const ofOneFamily = drawing('copies of one family', 3);

/** In one of the families, and with DRAWN=all in each. */
function inAFamily(name: string, body: (family: Family) => Promise<void>): void {
  for (const family of drawnFrom(FAMILIES, 1, (one) => `${name} ${one}`))
    ofOneFamily(`${name} (IPv${family})`, () => body(family));
}

/** It runs meanwhile. */
async function beside(running: Lab, family: Family, work: () => Promise<void>): Promise<Said> {
  const end = await startOwnProgram(running, [addressOf(running.node('test'), family)]);
  await work();
  return end();
}

/** Who spoke to a port, by address: from which ports. */
function speakersTo(port: number, { capture }: TapEvidence): Map<string, Set<number>> {
  const speakers = new Map<string, Set<number>>();
  eachFrame(capture, ({ segment }) => {
    if (segment?.destinationPort !== port) return;
    const address = formatAddress(segment.source);
    speakers.set(address, (speakers.get(address) ?? new Set()).add(segment.sourcePort));
  });
  return speakers;
}

const isCopys = (port: number): boolean => port >= 61_000;

test('where no foreign source passes, the copy is exact under the own addresses of both families, beside an own program', async () => {
  const [online, server] = [lab().node('online'), lab().node('test')];
  const { verification, evidence, said } = await undisturbed(async () => {
    let end: (() => Promise<Said>) | undefined;
    // Of a connection that began before the taps they cannot tell whose it is.
    const onPhase = async (phase: Phase): Promise<void> => {
      if (phase === 'load-started') end = await startOwnProgram(lab(), addressesOf(server));
    };
    const verified = await verifyLab(lab(), { seed: 7, onPhase });
    return { ...verified, said: await end!() };
  });
  expect(verification.reasons).toEqual([]);
  expect(verification.requests).toMatchObject({ missing: 0, duplicated: 0, altered: 0, reordered: 0 });
  expect(said.failed).toEqual([]);
  expect(said.answered).toBeGreaterThan(100);
  const tap = (node: string): TapEvidence => evidence.taps.find((one) => one.node === node)!;
  const speakers = speakersTo(8080, tap('test'));
  expect([...speakers.keys()].toSorted()).toEqual(addressesOf(online).toSorted());
  for (const ports of speakers.values()) {
    expect([...ports].filter(isCopys).length).toBeGreaterThan(50);
    expect([...ports].filter((port) => !isCopys(port)).length).toBeGreaterThan(50);
  }
  const clients = [...speakersTo(80, tap('online')).keys()].map(placeOf);
  const range = parseSubnet(lab().topology.nodes['client']!.sources!)!;
  expect(clients.filter((client) => contains(range, client)).length).toBeGreaterThan(100);
});

inAFamily(
  'what a node sends under an address that it does not have is dropped before anybody hears it',
  async (family) => {
    const [online, server] = [lab().node('online'), lab().node('test')];
    const borrowed = addressOf(online, family).replace(/\d+$/, '99');
    const tables = tablesOf[family];
    const counted = async (line: string): Promise<number> =>
      Number((await server.exec(['sh', '-c', line])).stdout.toString());
    const heard = (): Promise<number> => counted(`${tables} -nvxL INPUT 1 | awk '{ print $1 }'`);
    const dropped = (): Promise<number> =>
      counted(
        `${tables} -t mangle -nvxL lab-sources-eth0 | awk '$3 == "DROP" { sum += $1 } END { print sum }'`,
      );
    const speak = `curl -s -m 1 --interface ${borrowed} http://${host(server, family)}:8080/borrowed || true`;
    const { stdout } = await server.exec(['lab-sources', addressOf(server, 4)]);
    const one = `${borrowed}/${family === 4 ? '32' : '128'}`;
    await shell(online, `ip address add ${one} dev lo${family === 4 ? '' : ' nodad'}`);
    await shell(server, `${tables} -I INPUT -s ${borrowed}`);
    try {
      const before = await dropped();
      await shell(online, speak);
      expect(await heard()).toBe(0);
      expect(await dropped()).toBeGreaterThan(before);
      await shell(server, `lab-sources ${addressOf(server, 4)} --restore`);
      await shell(online, speak);
      expect(await heard()).toBeGreaterThan(0);
    } finally {
      await shell(server, `${tables} -D INPUT -s ${borrowed}`);
      await shell(online, `ip address del ${one} dev lo`);
      await shell(server, `lab-sources ${addressOf(server, 4)} ${stdout.toString().trim()}`);
    }
  },
);

/** To a port, as tcpdump filters them. */
const SYNS = { 4: 'tcp[13] == 2', 6: 'ip6[53] == 2' } as const;

inAFamily(
  'an intercept that was not told of own copies has them refused, by the option that names them',
  async (family) => {
    await copyAgain(lab(), family, {});
    await forget(lab());
    const said = await beside(lab(), family, () => asks(lab(), family, 100));
    expect(said.failed).toEqual([]);
    expect(await arrived(lab())).toBe(0);
    const counted = await counters(lab());
    expect(counted['tcpcopy_packets_sent_total']).toBe(0);
    expect(counted['tcpcopy_copies_refused_total{reason="passlisted"}']).toBeGreaterThanOrEqual(100);
    expect(await logOf(lab().node('online'), 'tcpcopy')).toContain(ownCopies(lab(), family));
  },
);

inAFamily(
  'ports that a program of the machine holds are left to it, and fewer of them suffice',
  async (family) => {
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
      await copyAgain(lab(), family, {
        intercept: ownCopies(lab(), family, ports),
        tcpcopy: `--source-ports ${ports}`,
      });
      await forget(lab());
      const tap = await lab()
        .node('test')
        .start(['tcpdump', '-l', '-n', '-i', 'eth0', `${SYNS[family]} and dst port 8080`]);
      await eventually(() => tap.stderr().includes('listening on'));
      // A port is free again a second after its connection has ended.
      const asked = `http://${host(online, family)}/asked`;
      const slowly = `for i in $(seq 24); do curl -sf ${asked} >/dev/null; sleep 0.2; done`;
      await shell(lab().node('client'), slowly);
      await eventually(async () => (await arrived(lab())) === 24);
      await new Promise((resolve) => setTimeout(resolve, 1200));
      const { stdout } = await tap.stop();
      const used = [...stdout.toString().matchAll(/IP6? \S+\.(\d+) >/g)].map(([, port]) => Number(port));
      expect(used.length).toBeGreaterThanOrEqual(24);
      for (const port of used) expect(port >= 62_010 && port <= 62_019).toBe(true);
      expect((await counters(lab()))['tcpcopy_source_ports_held_total']).toBeGreaterThan(0);
    } finally {
      await holder.stop();
    }
  },
);

inAFamily(
  'a connection that a program has open from these ports is told of by log and doctor, and buried',
  async (family) => {
    const [online, server] = [lab().node('online'), lab().node('test')];
    const [own, to] = [addressOf(online, family), addressOf(server, family)];
    await copyAgain(lab(), family, {});
    await online.writeFile(
      '/tmp/speaks.mjs',
      `import { connect } from 'node:net';
       const speaking = connect({ host: '${to}', port: 8080, localAddress: '${own}', localPort: 62001 });
       speaking.once('data', () => console.error('answered')).on('error', () => undefined).resume();
       setInterval(() => speaking.write('GET / HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n'), 300);`,
    );
    const program = await online.start(['/opt/tcpcopy-lab/bin/node', '/tmp/speaks.mjs']);
    try {
      await eventually(() => program.stderr().includes('answered'));
      await copyAgain(lab(), family, { intercept: ownCopies(lab(), family) });
      expect(await logOf(online, 'tcpcopy')).toContain(
        `1 connection of programs to the test server from --source-ports 61000-65535 (${host(online, family)}:62001)`,
      );
      const transfer = `80-${host(server, family)}:8080`;
      const asked = ['tcpcopy', 'doctor', '-x', transfer, '-s', addressOf(online, 4), '-c', own];
      const { exitCode, stdout } = await online.exec(asked);
      expect([exitCode, stdout.toString()]).toEqual([1, expect.stringContaining('source-ports-in-use')]);
      // Nobody on the test server can tell it from what a copy has left behind.
      await eventually(async () => !(await held(lab())).includes(':62001'));
    } finally {
      await program.stop();
    }
  },
);

inAFamily(
  'more connections than there are ports are refused, and the log has the arithmetic',
  async (family) => {
    const ports = '62000-62003';
    await copyAgain(lab(), family, {
      intercept: ownCopies(lab(), family, ports),
      tcpcopy: `--source-ports ${ports}`,
    });
    await shell(
      lab().node('client'),
      `for i in $(seq 8); do (sleep 2 | curl -sfN -T - http://${host(lab().node('online'), family)}/ >/dev/null) & done; wait; true`,
    );
    expect((await counters(lab()))['tcpcopy_copies_refused_total{reason="no-port"}']).toBeGreaterThan(0);
    expect(await logOf(lab().node('online'), 'tcpcopy')).toMatch(
      /one of the 4 ports 62000-62003 .* 4 are open at one test server/,
    );
  },
);

inAFamily(
  'a rule that excepts the online server is no guard of its copies, and nothing is sent',
  async (family) => {
    const server = lab().node('test');
    await copyAgain(lab(), family, { intercept: ownCopies(lab(), family) });
    const excepted = `OUTPUT -p tcp --sport 8080 -d ${addressOf(lab().node('online'), family)} -j ACCEPT`;
    await shell(server, `${tablesOf[family]} -I ${excepted}`);
    try {
      await eventually(async () =>
        (await logOf(server, 'intercept')).includes('may not except where copies come from'),
      );
      await eventually(async () => (await counters(lab()))['tcpcopy_armed'] === 0);
      await forget(lab());
      await asks(lab(), family, 50);
      expect(await arrived(lab())).toBe(0);
    } finally {
      await shell(server, `${tablesOf[family]} -D ${excepted}`);
    }
    await eventually(async () => (await counters(lab()))['tcpcopy_armed'] === 1);
  },
);

const HELD = `ss -tnH state connected exclude time-wait '( sport = :8080 and dport >= :61000 )'`;

/** Copies that the test server holds. */
const held = async (running: Lab): Promise<string> =>
  (await running.node('test').exec(['sh', '-c', HELD])).stdout.toString();

/** A client that says one request, and stays. */
const stays = (family: Family): string =>
  `(sleep 60 | curl -sfN -T - http://${host(lab().node('online'), family)}/ >/dev/null) & sleep 0.5`;

inAFamily(
  'what a killed tcpcopy leaves under the own address is buried, and an own program does not notice',
  async (family) => {
    await copyAgain(lab(), family, { intercept: ownCopies(lab(), family) });
    const said = await beside(lab(), family, async () => {
      await shell(lab().node('client'), stays(family));
      await eventually(async () => (await held(lab())) !== '');
      await shell(lab().node('online'), 'pkill -KILL -x tcpcopy');
      await eventually(async () => (await held(lab())) === '');
    });
    expect(said.failed).toEqual([]);
    expect(said.answered).toBeGreaterThan(100);
    await shell(lab().node('client'), 'pkill -f "^sleep 60"; pkill curl; true');
  },
);

inAFamily(
  'an intercept that is killed and comes back ends what was left under the own address',
  async (family) => {
    const [online, server] = [lab().node('online'), lab().node('test')];
    await copyAgain(lab(), family, { intercept: ownCopies(lab(), family) });
    await shell(lab().node('client'), stays(family));
    await eventually(async () => (await held(lab())) !== '');
    await shell(online, 'pkill -KILL -x tcpcopy');
    await shell(server, 'pkill -KILL -x intercept; while pgrep -x intercept >/dev/null; do sleep 0.05; done');
    await copyAgain(lab(), family, { intercept: ownCopies(lab(), family) });
    await shell(server, 'pkill -TERM -x intercept; while pgrep -x intercept >/dev/null; do sleep 0.05; done');
    expect(await held(lab())).toBe('');
    await shell(lab().node('client'), 'pkill -f "^sleep 60"; pkill curl; true');
  },
);

inAFamily('where copies cannot have an own address the reason is told', async (family) => {
  const online = lab().node('online');
  const address = addressOf(online, family);
  const to = addressOf(lab().node('test'), family);
  const target = `80-${host(lab().node('test'), family)}:8080`;
  const refused = async (...argv: string[]): Promise<string> => {
    const { exitCode, stderr } = await online.exec(['tcpcopy', '-x', target, ...argv, '-d']);
    expect(exitCode).toBe(2);
    return stderr.toString();
  };
  const assistant = addressOf(lab().node('client'), family);
  expect(await refused('-s', assistant, '-c', address)).toContain('the kernel resets it');
  expect(await refused('-c', address, '--io', 'packages')).toContain('sends at the data link');
  expect(
    await refused('-c', family === 4 ? '192.0.2.7' : '2001:db8::7', '--source-ports', '61000-62000'),
  ).toContain('an address of this machine');
  const { exitCode, stderr } = await lab()
    .node('test')
    .exec(['intercept', '-i', 'eth0', '--own-copies', `${host(online, family)}:61000-65535`]);
  expect([exitCode, stderr.toString()]).toEqual([2, expect.stringContaining('whose kernel resets it')]);
  // By `lo` there is no Ethernet.
  await shell(online, `ip route add ${to} dev lo`);
  try {
    const raw = await online.exec(['tcpcopy', '-x', target, '-c', address]);
    expect([raw.exitCode, raw.stderr.toString() + raw.stdout.toString()]).toEqual([
      1,
      expect.stringContaining('is not reached by Ethernet'),
    ]);
  } finally {
    await shell(online, `ip route del ${to} dev lo`);
  }
});

inAFamily(
  'nothing that goes to the range gets out, registered or not, and all else does; without the option all does',
  async (family) => {
    const online = lab().node('online');
    const to = host(lab().node('test'), family);
    // Ports that were used over the other family a moment ago wait (TIME-WAIT), and cannot be bound.
    const [below, low, high] = family === 4 ? [60_999, 61_001, 65_534] : [60_998, 61_002, 65_533];
    /** What is caught never comes; what is let through has time, should the machine be busy. */
    const answeredFrom = async (port: number, within_s = 20): Promise<boolean> => {
      const argv = [
        'curl',
        '-sf',
        '-m',
        String(within_s),
        '--local-port',
        String(port),
        `http://${to}:8080/`,
      ];
      return (await online.exec(argv)).exitCode === 0;
    };
    await copyAgain(lab(), family, { intercept: ownCopies(lab(), family) });
    expect([await answeredFrom(below), await answeredFrom(61_000, 1), await answeredFrom(65_535, 1)]).toEqual(
      [true, false, false],
    );
    await copyAgain(lab(), family, {});
    expect([await answeredFrom(low), await answeredFrom(high)]).toEqual([true, true]);
  },
);

ofOneFamily.play();
