import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockOf } from '../../lab/engine/commands/clock';
import { useEngines, type Lab, type LabNode, type Topology } from '../../lab/library';
import { scenarios } from '../../lab/scenarios/catalogue/all';
import { Ground } from '../../lab/scenarios/planted/ground';
import { ipFrame, segment } from '../../lab/scenarios/planted/frames';
import { plantedLeaks } from '../../lab/scenarios/planted/planted';
import { runPlanted } from '../../lab/scenarios/planted/run-planted';
import { runScenarios } from '../../lab/scenarios/run';
import { watchLives } from '../../lab/scenarios/whole-life';
import { sceneOf } from '../../lab/verify/collect/scene-of';
import { judge } from '../../lab/verify/judge';
import { verifyLab } from '../../lab/verify/verify-lab';
import type { Diagnosis as AnyDiagnosis } from '../../src/doctor/diagnosis';
import type { Report } from '../../src/doctor/report';
import { ACK, PSH } from '../../src/wire/tcp';
import { withClockOf } from '../../test/unit/verify/world/shifted';
import dataLink from '../../topologies/data-link';
import dataLinkIpv6 from '../../topologies/data-link-ipv6';
import dualStack from '../../topologies/dual-stack';
import impaired from '../../topologies/impaired';
import routed from '../../topologies/routed';
import routedDataLink from '../../topologies/routed-data-link';
import subnetClients from '../../topologies/subnet-clients';
import traditional from '../../topologies/traditional';
import traditionalRedis from '../../topologies/traditional-redis';
import { around } from '../stage/around';
import { breakages } from '../stage/between-engines';
import { drawing, drawnFrom } from '../stage/drawn';
import { startTwoEngines, type OwnEngine, type TwoEngines } from '../stage/two-engines';
import { EXACT_MS, undisturbed, verify, withLab } from '../stage/verify-support';

type Diagnosis = AnyDiagnosis<string>;

/** All scenarios of a kind are played in one test where all are drawn. */
jest.setTimeout(1_800_000);

const NAME = 'e2e-engines';
const UNDERLAY = ['underlay of lan on a', 'underlay of lan on b'];

let engines: TwoEngines;
beforeAll(async () => {
  engines = await startTwoEngines();
  await useEngines(engines.addresses);
});
afterAll(() => engines.remove());

/** Both engines have this machine's: what is told of it must be next to nothing. */
const ONE_CLOCK = { ahead_ms: within(5), error_ms: within(5) };

/** Of Jest's, which knows no bounds: a number from one limit to the other. */
function within(limit: number): number {
  const asymmetricMatch = (given: unknown): boolean => typeof given === 'number' && Math.abs(given) <= limit;
  return { asymmetricMatch, toString: () => `at most ${limit}` } as unknown as number;
}

const namesOn = async (engine: OwnEngine): Promise<string[]> =>
  (await engine.docker('ps', '-a', '--format', '{{.Names}}')).split('\n').filter(Boolean);

const lab = (command: string, ...argv: readonly string[]) => {
  const said = Object.entries(engines.addresses).flatMap(([name, at]) => ['--engine', `${name}=${at}`]);
  return execa('./bin/lab', [command, ...said, ...argv], { reject: false });
};

async function expectNothingOn(...left: readonly OwnEngine[]): Promise<void> {
  for (const engine of left) {
    expect(await namesOn(engine)).toEqual([]);
    expect(await engine.docker('network', 'ls', '-q', '--filter', 'label=tcpcopy-lab.name')).toBe('');
  }
}

const proof = drawing('proofs across engines', 1);
for (const topology of [traditional, dataLink])
  proof(`${topology.name}: a copy to another engine is exact, and leaks nothing on the way`, async () => {
    await withLab(NAME, topology, async (lab) => {
      expect(await namesOn(engines.a)).toEqual(
        expect.arrayContaining([`tcpcopy-lab-${NAME}-client`, `tcpcopy-lab-${NAME}-online`]),
      );
      expect(await namesOn(engines.b)).toContain(`tcpcopy-lab-${NAME}-test`);
      const { reasons, leaks, controls, clocks } = await verify(lab, {}, { patience_ms: EXACT_MS });
      expect([reasons, leaks.frames, leaks.exposures]).toEqual([[], 0, []]);
      expect(controls.filter(({ seen }) => seen).map(({ tap }) => tap)).toEqual(
        expect.arrayContaining(['client', ...UNDERLAY]),
      );
      expect(clocks).toEqual([{ engine: 'b', reference: 'a', reading: ONE_CLOCK }]);
    });
    await expectNothingOn(engines.a, engines.b);
  });

proof('a clock that goes wrong on one machine is told with its error, and nothing else changes', () =>
  withLab(NAME, traditional, async (running) => {
    const { evidence } = await undisturbed(() =>
      verifyLab(running, { requests: 240, patience_ms: EXACT_MS }),
    );
    const { verdict, clocks } = judge(evidence);
    const { ahead_ms, error_ms } = clocks[0]!.reading!;
    // By questions that are asked of nodes there it must be the same.
    const [online, test] = await Promise.all(['online', 'test'].map((name) => clockOf(running.node(name))));
    const asked_ms = test!.ahead_ms - online!.ahead_ms;
    const known_ms = error_ms + test!.error_ms + online!.error_ms;
    expect(Math.abs(asked_ms - ahead_ms)).toBeLessThanOrEqual(known_ms);
    for (const wrong_s of [-3.75, 3600]) {
      const shifted = judge({ ...evidence, taps: withClockOf('b', wrong_s, evidence.taps) });
      const reading = shifted.clocks[0]!.reading!;
      expect(Math.abs(reading.ahead_ms - ahead_ms - wrong_s * 1000)).toBeLessThanOrEqual(error_ms);
      expect([shifted.verdict, reading.error_ms]).toEqual([verdict, expect.closeTo(error_ms, 2)]);
    }
  }),
);

proof('what is wrong between machines is named by their doctor, and nothing where nothing is', async () => {
  const ask = async (): Promise<readonly Diagnosis[]> =>
    (JSON.parse((await lab('doctor', 'traditional', '--json')).stdout) as Report).diagnoses;
  const wrongIn = (diagnoses: readonly Diagnosis[]) =>
    diagnoses.flatMap((one) => (one.verdict === 'wrong' ? [one] : []));
  expect(wrongIn(await ask())).toEqual([]);
  for (const { what, cause, named, break: breakIt } of drawnFrom(breakages, 2, (one) => one.what)) {
    const mend = await breakIt(engines);
    try {
      const told = wrongIn(await ask()).filter((one) => named.every((words) => one.evidence.includes(words)));
      expect([what, told.map((one) => one.cause)]).toEqual([what, [cause]]);
    } finally {
      await mend();
    }
  }
  await expectNothingOn(engines.a, engines.b);
});

/** Beside the overlay the test server has a network with somebody of its own machine. */
const aside: Topology = {
  ...traditional,
  name: 'aside',
  networks: { ...traditional.networks, aside: { subnet: '198.18.90.0/24', internal: true } },
  nodes: {
    ...traditional.nodes,
    test: { ...traditional.nodes['test']!, networks: { aside: '198.18.90.30' } },
    neighbour: {
      role: 'client',
      network: 'lan',
      address: traditional.nodes['client']!.address.replace(/\d+$/, '77'),
      networks: { aside: '198.18.90.77' },
      on: 'b',
    },
  },
};

proof('a response on a bridge of one machine, beside an overlay, is a leak that is found there', () =>
  withLab(NAME, aside, async (running) => {
    const ground = await Ground.of(running, await sceneOf(running));
    const [test, neighbour] = ['test', 'neighbour'].map((name) => running.node(name));
    const hardware = async (node: LabNode): Promise<string> =>
      (await node.readFile('/sys/class/net/eth1/address')).toString().trim();
    const link = { source: await hardware(test!), destination: await hardware(neighbour!) };
    const packet = segment(ground.copied, ground.clientEnd, PSH | ACK, 'HTTP/1.1 200 OK\r\n\r\n');
    const plant = (): Promise<void> => ground.send(test!, ipFrame(link, packet), 'eth1');
    const { reasons, leaks, controls } = await verify(running, { 'half-way': plant });
    expect(controls).toContainEqual({ tap: 'bridge aside', seen: true });
    expect([reasons.map(({ code }) => code), leaks.names]).toEqual([['leak'], ['data']]);
    for (const tap of ['bridge aside', 'test elsewhere']) expect([tap, leaks.byTap[tap]]).toEqual([tap, 1]);
    for (const tap of UNDERLAY) expect([tap, leaks.byTap[tap]]).toEqual([tap, 0]);
  }),
);

/** By what they have that others have not. */
const others = [dualStack, dataLinkIpv6, routed, routedDataLink, subnetClients, traditionalRedis, impaired];
proof('other topologies are across engines what they are on one', async () => {
  for (const topology of drawnFrom(others, 1, ({ name }) => name))
    await withLab(NAME, topology, async (running) => {
      const { reasons, leaks } = await verify(running, {}, { patience_ms: EXACT_MS });
      expect([topology.name, reasons, leaks.frames]).toEqual([topology.name, [], 0]);
    });
});

proof('a lab is watched for its whole life where its tunnels leave the machines', async () => {
  const [architecture] = drawnFrom(['traditional', 'data-link'] as const, 1);
  const topologies = { [architecture!]: around.topologies[architecture!] } as typeof around.topologies;
  const [life] = await watchLives({ ...around, topologies });
  expect([life!.reasons, life!.leaked]).toEqual([[], 0]);
  await expectNothingOn(engines.a, engines.b);
});

proof('engines are named by Docker contexts, and in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lab-contexts-'));
  try {
    const env = { DOCKER_CONFIG: folder };
    await execa('docker', ['context', 'create', 'second', '--docker', `host=${engines.b.address}`], { env });
    const file = join(folder, 'engines.yaml');
    await writeFile(file, `engines:\n  a: ${engines.a.address}\n  b: { context: second }\n`);
    const run = (...argv: string[]) => execa('./bin/lab', argv, { reject: false, env });
    const started = await run('up', 'traditional', '--name', NAME, '--bare', '--engines', file);
    expect([started.exitCode, started.stderr]).toEqual([0, expect.stringContaining('is up')]);
    expect(await namesOn(engines.b)).toContain(`tcpcopy-lab-${NAME}-test`);
    // The lab knows where the other one is, by its context.
    const ended = await run('down', NAME, '--engine', `a=${engines.a.address}`);
    expect([ended.exitCode, ended.stderr]).toEqual([0, expect.any(String)]);
    await expectNothingOn(engines.a, engines.b);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** From the other machine, past its engine: a datagram of a tunnel with a response in it. */
async function plantInTunnel(lab: Lab, ground: Ground): Promise<void> {
  const [, vantage] = await lab.vantages('lan');
  const packet = segment(ground.copied, ground.clientEnd, PSH | ACK, 'HTTP/1.1 200 OK\r\n\r\n');
  const frame = ipFrame(ground.link(ground.test, ground.client), packet);
  const header = Buffer.alloc(8);
  header[0] = 0x08;
  header.writeUInt32BE(vantage!.tunnels! << 8, 4);
  const datagram = Buffer.concat([header, frame]).toString('hex');
  const send = `use Socket; socket my $s, AF_INET, SOCK_DGRAM, 0 or die;
    send $s, pack('H*', $ARGV[1]), 0, sockaddr_in(4789, inet_aton($ARGV[0])) or die "$!"`;
  const { stderr } = await vantage!.node.exec(['perl', '-e', send, engines.a.ip, datagram]);
  expect(stderr.toString()).toBe('');
}

proof('a response in a tunnel that no node has sent is a leak, on both machines and at the client', () =>
  withLab(NAME, traditional, async (lab) => {
    const ground = await Ground.of(lab, await sceneOf(lab));
    const { reasons, leaks } = await verify(lab, { 'half-way': () => plantInTunnel(lab, ground) });
    expect(reasons.map(({ code }) => code)).toContain('leak');
    for (const tap of ['client', ...UNDERLAY]) expect([tap, leaks.byTap[tap]]).toEqual([tap, 1]);
  }),
);

proof('leaks that are planted in an overlay are found, and called by their names', async () => {
  const fit = plantedLeaks.filter((leak) => leak.architecture === 'traditional' && leak.family !== 6);
  const chosen = drawnFrom(fit, 1, ({ name }) => name);
  const results = await runPlanted(chosen, around);
  expect(results.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  expect(results).toHaveLength(chosen.length);
});

proof('scenarios are across engines what they are on one', async () => {
  const fit = scenarios.filter(({ name }) => /^(start|stop|kill|rule)-/.test(name));
  const chosen = drawnFrom(fit, 1, ({ name }) => name);
  const results = await runScenarios(chosen, { ...around, rounds: 1 });
  // Each leaks what its expectation excuses, which is nothing but for the moments behind a guard that is taken away.
  expect(results.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  expect(results.map(({ scenario }) => scenario).toSorted()).toEqual(
    chosen.map(({ name }) => name).toSorted(),
  );
});

proof(
  'an engine that is killed in the middle leaks nothing, and is named; the others are left clean, and it is when it is back',
  async () => {
    await withLab(NAME, traditional, async (running) => {
      const client = running.node('client');
      const { address, server } = running.node('test').definition;
      const responses = ['-p', 'tcp', '-s', address, '--sport', String(server!.port)];
      await client.exec(['iptables', '-t', 'raw', '-A', 'PREROUTING', ...responses]);
      const cut = verify(running, { 'half-way': () => engines.b.kill() });
      await expect(cut).rejects.toMatchObject({
        code: expect.stringMatching(/^(ENGINE_UNREACHABLE|COMMAND_CUT_OFF)$/),
      });
      const { stdout } = await client.exec(['iptables', '-t', 'raw', '-vxnL', 'PREROUTING']);
      expect(stdout.toString()).toMatch(/^\s+0\s+0\s.*spt:8080/m);
    });
    expect(await namesOn(engines.a)).toEqual([]);
    const again = await lab('down', NAME);
    expect(again.stderr).toContain('b does not answer');
    await engines.b.start();
    expect((await lab('down', '--all')).exitCode).toBe(0);
    await expectNothingOn(engines.a, engines.b);
  },
);

/** It is silent for 20 s before it is given up, and asked once more for a second at a time. */
const SILENCE_MAX_MS = 60_000;

proof(
  'an engine that takes questions and answers none ends a verification, and holds up no lab down',
  async () => {
    let stopped_ms = Infinity;
    try {
      await withLab(NAME, traditional, async (running) => {
        const stop = (): Promise<void> => {
          stopped_ms = performance.now();
          engines.b.stop();
          return Promise.resolve();
        };
        await expect(verify(running, { 'half-way': stop })).rejects.toMatchObject({
          code: 'ENGINE_UNREACHABLE',
        });
        expect(performance.now() - stopped_ms).toBeLessThan(SILENCE_MAX_MS);
        stopped_ms = performance.now();
      });
      expect(performance.now() - stopped_ms).toBeLessThan(SILENCE_MAX_MS);
      expect(await namesOn(engines.a)).toEqual([]);
    } finally {
      engines.b.goOn();
    }
    expect((await lab('down', '--all')).exitCode).toBe(0);
    await expectNothingOn(engines.a, engines.b);
  },
);

proof(
  'engines in no swarm are named before anything starts; one that is made for a lab goes with it',
  async () => {
    await engines.leaveSwarm();
    try {
      const refused = await lab('up', 'traditional', '--name', NAME, '--bare');
      expect([refused.exitCode, refused.stderr]).toEqual([
        2,
        expect.stringContaining('a is no manager of a swarm'),
      ]);
      await expectNothingOn(engines.a, engines.b);
      const started = await lab('up', 'traditional', '--name', NAME, '--bare', '--init-swarm');
      expect([started.exitCode, started.stderr]).toEqual([0, expect.stringContaining('is up')]);
      expect(
        (await lab('exec', 'client', '--name', NAME, '--', 'curl', '-sf', 'http://test:8080/')).exitCode,
      ).toBe(0);
      expect((await lab('down', NAME)).exitCode).toBe(0);
      for (const engine of [engines.a, engines.b])
        expect(await engine.docker('info', '--format', '{{.Swarm.LocalNodeState}}')).toBe('inactive');
    } finally {
      await engines.joinSwarm();
    }
  },
);

proof.play();
