import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { findLabs, openLab, startLab, type Progress, type StartedLab } from '../lab/library';
import '../lab/library/jest';
import traditional from '../topologies/traditional';

jest.setTimeout(120_000);

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

test('a scenario is played in a lab of its own', async () => {
  await expect(lab.play('rule-removed', { seed: 7 })).resolves.toMatchObject({ verdict: 'pass', seed: 7 });
  await expect(lab.play('rule-eaten')).rejects.toMatchObject({ code: 'SCENARIO_UNKNOWN' });
});

test('what is broken fails the matchers, by its name', async () => {
  const rule = ['OUTPUT', '-p', 'tcp', '--sport', '8080', '-j', 'NFQUEUE'];
  await lab.node('test').exec(['iptables', '-D', ...rule]);
  const verification = await lab.verify({ requests: 24, patience_ms: 500 });
  expect(() => expect(verification).toBeExact()).toThrow(
    'guard-rule-missing: There is no NFQUEUE rule for port 8080',
  );
  expect(verification).not.toBeExact();
});
