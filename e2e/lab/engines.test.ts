import { afterAll, beforeAll, expect } from '@jest/globals';
import { execa } from 'execa';
import { useEngines, type Lab } from '../../lab/library';
import { scenarios } from '../../lab/scenarios/catalogue/all';
import { Ground } from '../../lab/scenarios/planted/ground';
import { ipFrame, segment } from '../../lab/scenarios/planted/frames';
import { plantedLeaks } from '../../lab/scenarios/planted/planted';
import { runPlanted } from '../../lab/scenarios/planted/run-planted';
import { runScenarios } from '../../lab/scenarios/run';
import { sceneOf } from '../../lab/verify/collect/scene-of';
import { ACK, PSH } from '../../src/wire/tcp';
import dataLink from '../../topologies/data-link';
import traditional from '../../topologies/traditional';
import { around } from '../stage/around';
import { drawing, drawnFrom } from '../stage/drawn';
import { startTwoEngines, type OwnEngine, type TwoEngines } from '../stage/two-engines';
import { EXACT_MS, verify, withLab } from '../stage/verify-support';

const NAME = 'e2e-engines';
const UNDERLAY = ['underlay of lan on a', 'underlay of lan on b'];

let engines: TwoEngines;
beforeAll(async () => {
  engines = await startTwoEngines();
  await useEngines(engines.addresses);
});
afterAll(() => engines.remove());

const namesOn = async (engine: OwnEngine): Promise<string[]> =>
  (await engine.docker('ps', '-a', '--format', '{{.Names}}')).split('\n').filter(Boolean);

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
      const { reasons, leaks, controls } = await verify(lab, {}, { patience_ms: EXACT_MS });
      expect([reasons, leaks.frames, leaks.exposures]).toEqual([[], 0, []]);
      expect(controls.filter(({ seen }) => seen).map(({ tap }) => tap)).toEqual(
        expect.arrayContaining(['client', ...UNDERLAY]),
      );
    });
    await expectNothingOn(engines.a, engines.b);
  });
/** From the other machine, past its engine: a datagram of a tunnel with a response in it. */
async function plantInTunnel(lab: Lab, ground: Ground): Promise<void> {
  const [, vantage] = await lab.vantages('lan');
  const packet = segment(ground.copied, ground.clientEnd, PSH | ACK, 'HTTP/1.1 200 OK\r\n\r\n');
  const frame = ipFrame(ground.link(ground.test, ground.client), packet);
  const header = Buffer.alloc(8);
  header[0] = 0x08;
  header.writeUInt32BE(vantage!.tunnels!.network << 8, 4);
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
  expect(results.map(({ scenario, reasons, leaked }) => ({ scenario, reasons, leaked }))).toEqual(
    chosen.map(({ name }) => ({ scenario: name, reasons: [], leaked: 0 })),
  );
});

const lab = (command: string, ...argv: readonly string[]) => {
  const said = Object.entries(engines.addresses).flatMap(([name, at]) => ['--engine', `${name}=${at}`]);
  return execa('./bin/lab', [command, ...said, ...argv], { reject: false });
};

proof(
  'an engine that is killed in the middle is named; the others are left clean, and it is when it is back',
  async () => {
    const outcome = withLab(NAME, traditional, (running) =>
      verify(running, { 'half-way': () => engines.b.kill() }),
    );
    await expect(outcome).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENGINE_UNREACHABLE|COMMAND_CUT_OFF)$/),
    });
    expect(await namesOn(engines.a)).toEqual([]);
    const again = await lab('down', NAME);
    expect(again.stderr).toContain('b does not answer');
    await engines.b.start();
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
