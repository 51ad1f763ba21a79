import { drawing } from '../stage/drawn';
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Lab } from '../../lab/library';
import { packetsIn } from '../../src/wire/capture/capture-file';
import { LINKTYPE } from '../../src/wire/encapsulation/link';
import { emitPcapFileHeader, emitPcapRecord } from '../../src/wire/capture/pcap';
import { converted } from '../../test/unit/capture/converted';
import { erspan, frame, geneve, vxlan } from '../../test/unit/capture/tunnels';
import offline from '../../topologies/offline';
import { copyAfresh } from '../stage/copy-afresh';
import { eventually } from '../stage/eventually';
import { isPrinted } from '../docs/printed';
import { readPage } from '../docs/readme-commands';
import { shell } from '../stage/verify-support';

const afresh = copyAfresh(offline, 'e2e-offline');

const KEEP_ALIVE = 500;
const SHORT = 100;
const REQUESTS = KEEP_ALIVE + SHORT;

/** The seed document's first step, while clients use the server. */
async function record(lab: Lab): Promise<Buffer> {
  const online = lab.node('online');
  const tcpdump = await online.start([
    ...['tcpdump', '-i', 'eth0', 'tcp', 'and', 'port', '80', '-U', '-s', '0', '-w', '/tmp/online.pcap'],
  ]);
  await eventually(() => tcpdump.stderr().includes('listening on'));
  await shell(lab.node('client'), `ab -q -k -n ${KEEP_ALIVE} -c 10 http://online/keep-alive`);
  await shell(lab.node('client'), `ab -q -n ${SHORT} -c 5 http://online/short`);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  // A busy machine may take longer to write what was seen.
  const isWritten = `[ "$(grep -ao 'GET /' /tmp/online.pcap | wc -l)" -ge ${REQUESTS} ]`;
  await eventually(async () => (await online.exec(['sh', '-c', isWritten])).exitCode === 0);
  await tcpdump.stop();
  return online.readFile('/tmp/online.pcap');
}

/** Requests that the test server has answered. */
async function answered(lab: Lab): Promise<number> {
  const { stdout } = await lab.node('test').exec(['wc', '-l', '/var/log/nginx/access.log']);
  return Number(stdout.toString().split(' ')[0]);
}

const EXACT = { requests: REQUESTS, delivered: REQUESTS, missing: 0, unexpected: 0, reordered: 0 };

test('a capture is played on the test server exactly, fast or not', async () => {
  const lab = await afresh();
  const capture = await record(lab);
  const asCaptured = await lab.replay(capture);
  expect(asCaptured).toMatchObject({ verdict: 'pass', exitStatus: 0, ledger: EXACT, leaks: { frames: 0 } });
  expect(asCaptured.account).toContain(`requests     ${REQUESTS} replayed, none given up`);
  expect(asCaptured.account).toMatch(new RegExp(`answers +${REQUESTS} timed, first byte half within`));
  expect(await answered(lab)).toBe(REQUESTS);

  expect(await lab.replay(capture, { tcpcopy: ['-a', '10', '-T', '2'] })).toMatchObject({
    verdict: 'pass',
    exitStatus: 0,
    ledger: { requests: 2 * REQUESTS, delivered: 2 * REQUESTS, missing: 0, unexpected: 0 },
  });
  expect(await answered(lab)).toBe(3 * REQUESTS);
});

const other = drawing('other replays', 1);

other('a capture is played exactly in any format, and as far as it goes where it is cut off', async () => {
  const lab = await afresh();
  const capture = await record(lab);
  const cut = await lab.replay(capture.subarray(0, capture.length / 2));
  expect(cut).toMatchObject({ verdict: 'pass', exitStatus: 1 });
  expect(cut.ledger.requests).toBeGreaterThan(100);
  expect(cut.ledger.requests).toBeLessThan(REQUESTS);
  expect(cut.account).toContain('file-truncated at byte');

  for (const format of ['pcapng', 'nsecpcap'] as const)
    expect(await lab.replay(converted(capture, format))).toMatchObject({ verdict: 'pass', ledger: EXACT });
});

other(
  'captures are played from tunnels, compressed, in several files, from a pipe, and with what is not theirs',
  async () => {
    const lab = await afresh();
    await playAsTheyCome(lab, await record(lab));
  },
);

/** From tunnels, compressed, in several files, from a pipe, and with what is not theirs. */
async function playAsTheyCome(lab: Lab, capture: Buffer): Promise<void> {
  const test = lab.node('test');
  const transfer = (port: number): string => `-x ${port}-${test.definition.address}:8080 -l /dev/null`;
  const play = async (command: string): Promise<{ status: number; account: string; requests: number }> => {
    const before = await answered(lab);
    const { exitCode, stdout } = await test.exec(['sh', '-c', command]);
    return { status: exitCode, account: stdout.toString(), requests: (await answered(lab)) - before };
  };

  const frames = Array.from(packetsIn(capture), ({ offset, capturedLength }) =>
    capture.subarray(offset, offset + capturedLength),
  );
  const half = Math.floor(frames.length / 2);
  const twice = rewritten(frames.slice(0, half), (whole) => [whole, frame(vxlan(whole))], 1e9);
  const mirrored = rewritten(frames.slice(half), (whole) => [frame(erspan(frame(geneve(whole)), 2))], 2e9);
  await shell(test, 'mkdir /tmp/day');
  await test.writeFile('/tmp/day/1.pcap.gz', gzipSync(twice));
  await test.writeFile('/tmp/2.pcap', mirrored);
  const pack = `const z = require('node:zlib'), f = require('node:fs');
    f.writeFileSync('/tmp/day/2.pcap.zst', z.zstdCompressSync(f.readFileSync('/tmp/2.pcap')))`;
  await shell(test, `/opt/tcpcopy-lab/bin/node -e "${pack}"`);
  const parts = await play(`tcpcopy -i '/tmp/day/*' ${transfer(80)} -I 50`);
  expect(parts).toMatchObject({ status: 0, requests: REQUESTS });
  expect(parts.account).toContain(
    '2 files, from /tmp/day/1.pcap.gz to /tmp/day/2.pcap.zst: all of it was replayed',
  );
  expect(parts.account).toMatch(/taken off .*GENEVE/);

  await test.writeFile('/tmp/online.pcap', capture);
  const piped = await play(`cat /tmp/online.pcap | tcpcopy -i - ${transfer(80)} -a 10`);
  expect(piped).toMatchObject({ status: 0, requests: REQUESTS });
  expect(piped.account).toContain('standard input: all of it was replayed');

  const nothing = await play(`tcpcopy -i /tmp/online.pcap ${transfer(9999)}`);
  expect(nothing).toMatchObject({ status: 1, requests: 0 });
  const page = readPage(readFileSync(join(import.meta.dirname, '../../docs/offline.md'), 'utf8'));
  if (!isPrinted(page.outputs[1]!.shown, nothing.account))
    throw new Error(`docs/offline.md shows otherwise:\n${nothing.account}`);

  const overlay = await recordOverlay(lab);
  if (!overlay) return;
  await test.writeFile('/tmp/overlay.pcap', overlay);
  const taken = await play(`tcpcopy -i /tmp/overlay.pcap ${transfer(80)}`);
  expect(taken).toMatchObject({ status: 0, requests: 1 });
  expect(taken.account).toMatch(/taken off {4}VXLAN \d+/);
}

/** A request through an overlay of the kernel's own; undefined where it has none. */
async function recordOverlay(lab: Lab): Promise<Buffer | undefined> {
  const [client, online] = [lab.node('client'), lab.node('online')];
  const join = (remote: string, address: string): string[] => [
    ...['sh', '-c'],
    `ip link add vx0 type vxlan id 42 remote ${remote} dstport 4789 dev eth0 && ip addr add ${address}/30 dev vx0 && ip link set vx0 up`,
  ];
  const joined = await client.exec(join(online.definition.address, '198.19.255.1'));
  if (joined.exitCode !== 0) return undefined;
  await online.exec(join(client.definition.address, '198.19.255.2'));
  const file = '/tmp/overlay.pcap';
  const tcpdump = await online.start([
    ...['tcpdump', '-i', 'eth0', 'udp', 'port', '4789', '-U', '--immediate-mode', '-s', '0', '-w', file],
  ]);
  await eventually(() => tcpdump.stderr().includes('listening on'));
  await shell(client, 'curl -s -o /dev/null http://198.19.255.2/overlay');
  await tcpdump.stop();
  return online.readFile(file);
}

/** Frames, each made into others, as a capture. */
function rewritten(
  whole: readonly Uint8Array[],
  each: (one: Uint8Array) => readonly Uint8Array[],
  first_s: number,
): Buffer {
  const frames = whole.flatMap((one) => each(one));
  return Buffer.concat([
    emitPcapFileHeader(LINKTYPE.ethernet),
    ...frames.map((one, at) => emitPcapRecord(one, first_s + at / 2000)),
  ]);
}

other(
  "the three steps work typed by hand, with clients that are not on the test server's network",
  async () => {
    const lab = await afresh();
    const capture = await record(lab);
    const test = lab.node('test');
    const { address: client } = lab.node('client').definition;
    // The client lived in another network, and its address leads nowhere from here.
    const bytesOf = (address: string): Buffer => Buffer.from(address.split('.').map(Number));
    const foreign = Buffer.from(
      capture
        .toString('latin1')
        .replaceAll(bytesOf(client).toString('latin1'), bytesOf('203.0.113.9').toString('latin1')),
      'latin1',
    );
    await test.writeFile('/tmp/online.pcap', foreign);
    const transfer = `80-${test.definition.address}:8080`;
    const { exitCode, stdout } = await test.exec(['tcpcopy', '-i', '/tmp/online.pcap', '-x', transfer]);
    expect(stdout.toString()).toContain('all of it was replayed');
    const page = readPage(readFileSync(join(import.meta.dirname, '../../docs/offline.md'), 'utf8'));
    if (!isPrinted(page.outputs[0]!.shown, stdout.toString()))
      throw new Error(`docs/offline.md shows otherwise:\n${stdout.toString()}`);
    expect(exitCode).toBe(0);
    expect(await answered(lab)).toBe(REQUESTS);

    const missing = await test.exec(['tcpcopy', '-i', '/tmp/missing.pcap', '-x', transfer]);
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr.toString()).toContain('there is no such file');
  },
);

other(
  'a capture is not played while the guard is not there: nothing arrives, and nothing leaks',
  async () => {
    const lab = await afresh();
    const capture = await record(lab);
    await shell(lab.node('test'), 'iptables -D OUTPUT -p tcp --sport 8080 -j NFQUEUE');
    const test = lab.node('test');
    const replaying = lab.replay(capture);
    // It would wait until the rule is there.
    await eventually(async () => (await test.exec(['pgrep', '-x', 'tcpcopy'])).exitCode === 0, 30_000);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await shell(test, 'pkill -TERM -x tcpcopy');
    const verification = await replaying;
    expect(verification.verdict).toBe('fail');
    expect(verification.leaks.frames).toBe(0);
    expect(await answered(lab)).toBe(0);
  },
);

other.play();
