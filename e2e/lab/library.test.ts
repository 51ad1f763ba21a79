import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { findLabs, openLab, startLab, type Progress, type StartedLab } from '../../lab/library';
import '../../lab/library/jest';
import traditional from '../../topologies/traditional';
import { drawing, drawSeed } from '../stage/drawn';

let lab: StartedLab;
beforeAll(async () => {
  lab = await startLab(traditional);
});
afterAll(() => lab[Symbol.asyncDispose]());

test('a lab has a name of its own, is used, verified, and held to it', async () => {
  expect(lab.name).toMatch(/^traditional-[0-9a-f]{6}$/);
  const { exitCode, stdout } = await lab.node('client').exec(['curl', '-s', 'http://online/hello']);
  expect([exitCode, stdout.toString()]).toEqual([0, 'ok\n']);
  expect(() => expect(lab).toLeakNothing()).toThrow('call its verify() before');

  const verification = await lab.verify({ requests: 240, seed: 7 });
  expect(verification).toBeExact();
  expect(lab).toLeakNothing();
  expect(lab.verifications).toEqual([verification]);
  await expect(lab.verify({ from: 'client' })).rejects.toMatchObject({ code: 'COPY_UNCLEAR' });
});

test('one that runs is found, opened, and not started again', async () => {
  const { name, topology } = lab;
  expect(await findLabs()).toContainEqual({ name, topology, bare: false });
  const opened = await openLab(name);
  await opened.node('client').writeFile('/tmp/note', 'a word');
  expect((await lab.node('client').readFile('/tmp/note')).toString()).toBe('a word');
  expect((await opened.status()).checks.every(({ passed }) => passed)).toBe(true);
  await expect(startLab(traditional, { name })).rejects.toMatchObject({ code: 'LAB_RUNNING' });
  await expect(startLab(traditional, { name: 'No' })).rejects.toMatchObject({ code: 'LAB_NAME_INVALID' });
});

test('an abort ends a start, of which nothing is left, and a command', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const progress: Progress = {
    note: () => undefined,
    step: async (title, work) => {
      const result = await work();
      if (title.includes('node')) controller.abort(new Error('enough'));
      return result;
    },
  };
  // Beside the other, in this process and on the same topology.
  await expect(startLab(traditional, { name: 'e2e-aborted', signal, progress })).rejects.toThrow('enough');
  expect((await findLabs()).map(({ name }) => name)).not.toContain('e2e-aborted');

  const command = lab.node('client').exec(['sleep', '1234'], { signal: AbortSignal.timeout(200) });
  await expect(command).rejects.toMatchObject({ name: 'TimeoutError' });
  expect((await lab.node('client').exec(['pgrep', '-f', 'sleep 1234'])).exitCode).toBe(1);
});

/** The first, and how many: each is killed one step later than the one before. `make soak` asks for so many. */
const asked = process.env['KILLED_RUNNERS'];
const [first, rounds] = (asked ?? `${drawSeed},1`).split(',').map(Number) as [number, number];
/** Of a start and a verification; what comes behind the last is done in the end. */
const STEPS = 20;

const longer = drawing('longer uses', 1);

const killedAt = (step: number) =>
  [
    `a runner that is killed at step ${step} leaves nothing to the next start`,
    async (): Promise<void> => {
      const name = 'e2e-killed';
      const runner = execa(process.execPath, ['--import', 'tsx', 'e2e/lab/killed-runner.ts', name], {
        reject: false,
      });
      let left = step;
      for await (const said of runner.iterable()) if (left-- === 0 || said === 'done') runner.kill('SIGKILL');
      expect((await runner).signal).toBe('SIGKILL');
      const next = await startLab(traditional, { name, bare: true });
      expect((await next.status()).nodes.map(({ state }) => state)).toEqual([
        'running',
        'running',
        'running',
      ]);
      await next.down();
      expect((await findLabs()).map((found) => found.name)).not.toContain(name);
    },
  ] as const;
const steps = Array.from({ length: rounds }, (_, round) => (first + round) % STEPS);
const write = asked === undefined ? longer : test;
for (const step of steps) write(...killedAt(step));

longer('a scenario is played in a lab of its own', async () => {
  await expect(lab.play('rule-removed', { seed: 7 })).resolves.toMatchObject({ verdict: 'pass', seed: 7 });
  await expect(lab.play('rule-eaten')).rejects.toMatchObject({ code: 'SCENARIO_UNKNOWN' });
});

longer.play();

test('what is broken fails the matchers, by its name', async () => {
  const rule = ['OUTPUT', '-p', 'tcp', '--sport', '8080', '-j', 'NFQUEUE'];
  await lab.node('test').exec(['iptables', '-D', ...rule]);
  const verification = await lab.verify({ requests: 24, patience_ms: 500 });
  expect(() => expect(verification).toBeExact()).toThrow(
    'guard-rule-missing: There is no NFQUEUE rule for port 8080',
  );
  expect(verification).not.toBeExact();
});
