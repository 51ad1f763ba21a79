/** Both programs in two workers each, on real labs: as exact as one, and as safe. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import '../../lab/library/jest';
import { startLab, type Lab, type StartedLab, type Topology } from '../../lab/library';
import dataLink from '../../topologies/data-link';
import offline from '../../topologies/offline';
import traditional from '../../topologies/traditional';
import {
  answeredPaths,
  installLoad,
  METRICS,
  metricOf,
  startLoad,
  stopProgram,
  watchClient,
} from '../stage/copy-by-hand';
import { copyAfresh } from '../stage/copy-afresh';
import { drawing, drawnFrom } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { EXACT_MS, shell, verify } from '../stage/verify-support';

const REQUESTS = 2400;
const WORKERS = ['--workers', '2'];

async function expectExact(lab: Lab): Promise<void> {
  const verification = await verify(lab, {}, { requests: REQUESTS, patience_ms: EXACT_MS });
  expect(verification.reasons).toEqual([]);
  expect(verification).toBeExact();
}

/** The kernel shares out by addresses alone: from a single one everything would come to one worker. */
const fromManyAddresses: Topology = {
  ...traditional,
  nodes: {
    ...traditional.nodes,
    client: { ...traditional.nodes['client']!, sources: '198.18.10.128/25' },
  },
};

describe('on the test server', () => {
  let lab: StartedLab;
  beforeAll(async () => {
    lab = await startLab(fromManyAddresses, { name: 'e2e-workers', bare: true });
    await installLoad(lab);
  });
  afterEach(async () => {
    await stopProgram(lab.node('online'), 'tcpcopy');
    await stopProgram(lab.node('test'), 'intercept');
    await shell(lab.node('test'), `iptables -D ${RULE} 2>/dev/null; true`);
  });
  afterAll(() => lab.down());

  const RULE = 'OUTPUT -p tcp --sport 8080 -j NFQUEUE --queue-balance 0:1';
  const addressOf = (name: string): string => lab.node(name).definition.address;
  const put = {
    rule: () => shell(lab.node('test'), `iptables -I ${RULE}`),
    intercept: (...more: readonly string[]) =>
      shell(
        lab.node('test'),
        `intercept -x ${addressOf('online')} -b ${addressOf('test')} ${[...WORKERS, ...more].join(' ')} --metrics ${METRICS.intercept} -d`,
      ),
    tcpcopy: () =>
      shell(
        lab.node('online'),
        `tcpcopy -x 80-${addressOf('test')}:8080 -s ${addressOf('online')} ${WORKERS.join(' ')} --responses --metrics ${METRICS.tcpcopy} -d`,
      ),
  };
  const isArmed = async (): Promise<boolean> =>
    (await metricOf(lab.node('online'), 'tcpcopy', 'tcpcopy_armed')) === 1;
  const said = async (node: string, line: string): Promise<string> =>
    (await lab.node(node).exec(['sh', '-c', line])).stdout.toString();
  /** Connections at the test server's port that may still say something. */
  const left = (): Promise<string> =>
    said('test', "ss -Htn state connected exclude time-wait '( sport = :8080 )'");

  const proof = drawing('proofs of workers', 1);

  const expectSetUp = async (order: readonly (keyof typeof put)[]): Promise<void> => {
    for (const part of order) await put[part]();
    await eventually(isArmed);
    await expectExact(lab);
    // Of each answer both directions came to the worker that has the connection.
    const timed = await metricOf(lab.node('online'), 'tcpcopy', 'tcpcopy_online_answers_timed_total');
    expect(timed).toBeGreaterThanOrEqual(REQUESTS);
    await expectShared();
  };
  /** The responses came from 128 addresses' connections to both queues, to neither of them few. */
  const expectShared = async (): Promise<void> => {
    const queues = (await said('test', 'cat /proc/net/netfilter/nfnetlink_queue')).trim().split('\n');
    const seen = queues.map((line) => line.trim().split(/\s+/).map(Number));
    expect(seen.map(([number]) => number)).toEqual([0, 1]);
    // How many packets came to it so far (nfnetlink_queue.c, seq_show).
    for (const line of seen) expect(line[7]).toBeGreaterThan(REQUESTS / 4);
  };
  proof('the copy is exact, and nothing leaks, when it is set up in the usual order', () =>
    expectSetUp(['rule', 'intercept', 'tcpcopy']),
  );
  proof('the copy is exact, and nothing leaks, when it is set up the other way round', () =>
    expectSetUp(['tcpcopy', 'intercept', 'rule']),
  );

  proof('--guard puts a rule for all workers, and takes it away last', async () => {
    await put.intercept('--guard', '8080');
    await put.tcpcopy();
    await eventually(isArmed);
    await expectExact(lab);
    await expectShared();
    expect(await said('test', 'iptables-save')).toContain('--queue-balance 0:1');
    await stopProgram(lab.node('test'), 'intercept');
    expect(await said('test', 'iptables-save; nft list ruleset 2>/dev/null')).not.toContain('NFQUEUE');
    expect(await left()).toBe('');
  });

  for (const program of ['tcpcopy', 'intercept'] as const)
    proof(`${program} is gone with each of its workers, and nothing leaks`, async () => {
      const node = lab.node(program === 'tcpcopy' ? 'online' : 'test');
      for (const part of ['rule', 'intercept', 'tcpcopy'] as const) await put[part]();
      await eventually(isArmed);
      const client = await watchClient(lab);
      const load = await startLoad(lab, `killed-${program}`, 10, 5);
      const answered = async (): Promise<number> =>
        (await answeredPaths(lab.node('test'), `killed-${program}`)).length;
      await eventually(async () => (await answered()) > 100);
      // A thread is killed with its process, whatever the signal was for.
      await shell(
        node,
        `kill -KILL $(ps -L -o tid=,comm= -p $(pgrep -x ${program}) | awk '$2 == "${program}/1" {print $1}')`,
      );
      await eventually(async () => (await node.exec(['pgrep', '-x', program])).exitCode !== 0);
      await put[program]();
      await eventually(isArmed);
      const before = await answered();
      await eventually(async () => (await answered()) > before + 100);
      await load.stop();
      await stopProgram(lab.node('online'), 'tcpcopy');
      await stopProgram(lab.node('test'), 'intercept');
      await eventually(async () => (await left()) === '');
      expect(await client.frames()).toBe(0);
    });
  proof.play();
});

/** Elsewhere than on the test server. */
const elsewhere = drawnFrom(['at the data link', 'of captures'] as const, 1);

(elsewhere.includes('at the data link') ? describe : describe.skip)('at the data link', () => {
  const afresh = copyAfresh(dataLink, 'e2e-workers-data-link');

  test('the copy is exact, and each worker of intercept proves the way of the responses by itself', async () => {
    const programs = { tcpcopy: WORKERS, intercept: [...WORKERS, '--metrics', String(METRICS.intercept)] };
    await expectExact(await afresh(() => programs));
  });
});

(elsewhere.includes('of captures') ? describe : describe.skip)('of captures', () => {
  const afresh = copyAfresh(offline, 'e2e-workers-offline');

  test('two workers play all, each its connections, and give one account', async () => {
    const lab = await afresh();
    const [online, client] = [lab.node('online'), lab.node('client')];
    const file = '/tmp/online.pcap';
    const tcpdump = await online.start(['tcpdump', '-i', 'eth0', 'tcp port 80', '-U', '-s', '0', '-w', file]);
    await eventually(() => tcpdump.stderr().includes('listening on'));
    await shell(
      client,
      'ab -q -k -n 500 -c 10 http://online/keep-alive && ab -q -n 100 -c 5 http://online/short',
    );
    const isWritten = `[ "$(grep -ao 'GET /' ${file} | wc -l)" -ge 600 ]`;
    await eventually(async () => (await online.exec(['sh', '-c', isWritten])).exitCode === 0);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await tcpdump.stop();
    const capture = await online.readFile(file);
    for (const more of [[], ['-a', '100', '-T', '2']]) {
      const requests = more.length > 0 ? 1200 : 600;
      const played = await lab.replay(capture, { tcpcopy: [...WORKERS, ...more] });
      expect(played).toMatchObject({
        verdict: 'pass',
        exitStatus: 0,
        ledger: { requests, delivered: requests, missing: 0, unexpected: 0 },
        leaks: { frames: 0 },
      });
      expect(played.account).toContain(
        `requests     ${requests.toLocaleString('en-US')} replayed, none given up`,
      );
      expect(played.account).toContain(`${requests.toLocaleString('en-US')} timed`);
    }
  });

  test('a pipe is refused before anybody waits for it', async () => {
    const node = (await afresh()).node('test');
    const transfer = `80-${node.definition.address}:8080`;
    const piped = `mkfifo /tmp/pipe.pcap; tcpcopy -i /tmp/pipe.pcap -x ${transfer} --workers 2`;
    const { exitCode, stderr } = await node.exec(['sh', '-c', piped]);
    expect([exitCode, stderr.toString()]).toEqual([1, expect.stringContaining('it can be read once only')]);
  });
});
