import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startLab, type StartedLab } from '../lab/library';
import '../lab/library/jest';
import traditional from '../topologies/traditional';

jest.setTimeout(120_000);

let lab: StartedLab;
beforeAll(async () => {
  lab = await startLab(traditional);
});
afterAll(() => lab[Symbol.asyncDispose]());

test('a lab is started under a name of its own, used, verified, and held to it', async () => {
  expect(lab.name).toMatch(/^traditional-[0-9a-f]{6}$/);
  const { exitCode, stdout } = await lab.node('client').exec(['curl', '-s', 'http://online/hello']);
  expect([exitCode, stdout.toString()]).toEqual([0, expect.stringContaining('online')]);
  expect(() => expect(lab).toLeakNothing()).toThrow('call its verify() before');
  const verification = await lab.verify({ requests: 240, seed: 7 });
  expect(verification).toBeExact();
  expect(lab).toLeakNothing();
});
