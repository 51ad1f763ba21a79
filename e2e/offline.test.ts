import { expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningLab } from '../lab/engine/nodes/lab';
import { replayInLab } from '../lab/verify/replay-lab';
import offline from '../topologies/offline';
import { eventually } from './eventually';
import { isPrinted } from './printed';
import { readPage } from './readme-commands';
import { shell, withLab } from './verify-support';

jest.setTimeout(240_000);

const KEEP_ALIVE = 500;
const SHORT = 100;
const REQUESTS = KEEP_ALIVE + SHORT;

/** The seed document's first step, while clients use the server. */
async function record(lab: RunningLab): Promise<Buffer> {
  const online = lab.node('online');
  const tcpdump = await online.start([
    ...['tcpdump', '-i', 'eth0', 'tcp', 'and', 'port', '80', '-U', '-s', '0', '-w', '/tmp/online.pcap'],
  ]);
  await eventually(() => tcpdump.stderr().includes('listening on'));
  await shell(lab.node('client'), `ab -q -k -n ${KEEP_ALIVE} -c 10 http://online/keep-alive`);
  await shell(lab.node('client'), `ab -q -n ${SHORT} -c 5 http://online/short`);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await tcpdump.stop();
  return online.readFile('/tmp/online.pcap');
}

/** Requests that the test server has answered. */
async function answered(lab: RunningLab): Promise<number> {
  const { stdout } = await lab.node('test').exec(['wc', '-l', '/var/log/nginx/access.log']);
  return Number(stdout.toString().split(' ')[0]);
}

/** Undefined where Wireshark's tools are not installed. */
function converted(capture: Uint8Array, format: string): Buffer | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'offline-'));
  try {
    writeFileSync(join(directory, 'from'), capture);
    execFileSync('editcap', ['-F', format, join(directory, 'from'), join(directory, 'to')], {
      stdio: 'ignore',
    });
    return readFileSync(join(directory, 'to'));
  } catch {
    return undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a capture is played on the test server exactly, fast or not, in any format, whole or cut off', async () => {
  await withLab('e2e-offline', offline, async (lab) => {
    const capture = await record(lab);
    const exact = { requests: REQUESTS, delivered: REQUESTS, missing: 0, unexpected: 0, reordered: 0 };

    const asCaptured = await replayInLab(lab, capture);
    expect(asCaptured).toMatchObject({ verdict: 'pass', exitStatus: 0, ledger: exact, leaks: { frames: 0 } });
    expect(asCaptured.account).toContain(`requests     ${REQUESTS} replayed, none given up`);
    expect(await answered(lab)).toBe(REQUESTS);

    expect(await replayInLab(lab, capture, { tcpcopy: ['-a', '10', '-T', '2'] })).toMatchObject({
      verdict: 'pass',
      exitStatus: 0,
      ledger: { requests: 2 * REQUESTS, delivered: 2 * REQUESTS, missing: 0, unexpected: 0 },
    });
    expect(await answered(lab)).toBe(3 * REQUESTS);

    const cut = await replayInLab(lab, capture.subarray(0, capture.length / 2));
    expect(cut).toMatchObject({ verdict: 'pass', exitStatus: 1 });
    expect(cut.ledger.requests).toBeGreaterThan(100);
    expect(cut.ledger.requests).toBeLessThan(REQUESTS);
    expect(cut.account).toContain('file-truncated at byte');

    for (const format of ['pcapng', 'nsecpcap']) {
      const other = converted(capture, format);
      if (other) expect(await replayInLab(lab, other)).toMatchObject({ verdict: 'pass', ledger: exact });
    }
  });
});

test("the three steps work typed by hand, with clients that are not on the test server's network", async () => {
  await withLab('e2e-offline-by-hand', offline, async (lab) => {
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
    const page = readPage(readFileSync(join(import.meta.dirname, '../docs/offline.md'), 'utf8'));
    if (!isPrinted(page.outputs[0]!.shown, stdout.toString()))
      throw new Error(`docs/offline.md shows otherwise:\n${stdout.toString()}`);
    expect(exitCode).toBe(0);
    expect(await answered(lab)).toBe(REQUESTS);

    const missing = await test.exec(['tcpcopy', '-i', '/tmp/missing.pcap', '-x', transfer]);
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr.toString()).toContain('there is no such file');
  });
});

test('a capture is not played while the guard is not there: nothing arrives, and nothing leaks', async () => {
  await withLab('e2e-offline-unguarded', offline, async (lab) => {
    const capture = await record(lab);
    await shell(lab.node('test'), 'iptables -D OUTPUT -p tcp --sport 8080 -j NFQUEUE');
    const test = lab.node('test');
    const replaying = replayInLab(lab, capture);
    // It would wait until the rule is there.
    await eventually(async () => (await test.exec(['pgrep', '-x', 'tcpcopy'])).exitCode === 0, 30_000);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await shell(test, 'pkill -TERM -x tcpcopy');
    const verification = await replaying;
    expect(verification.verdict).toBe('fail');
    expect(verification.leaks.frames).toBe(0);
    expect(await answered(lab)).toBe(0);
  });
});
