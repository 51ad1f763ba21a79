/** What may be done on a user's machines is asked at a terminal, and whoever leaves has not agreed. */
import { jest } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { agree } from '../../../lab/cli/commands/lab/agree';

function ask(keys: string | undefined, isTTY = true) {
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  const interrupting = new AbortController();
  const asked = agree(['test: iptables -I OUTPUT'], false, interrupting.signal, { input, output });
  output.once('data', () => (keys === undefined ? input.end() : input.write(keys)));
  return { asked, interrupting };
}
afterEach(() => jest.restoreAllMocks());

test.each([
  ['y\r', true],
  ['yes\r', true],
  ['\r', false],
  ['n\r', false],
  ['\u0004', false],
  [undefined, false],
])('%j is %p', async (keys, isAgreed) => {
  expect(await ask(keys).asked).toBe(isAgreed);
});

test('Ctrl-C is the signal, and the question ends by its reason', async () => {
  const killed = jest.spyOn(process, 'kill').mockReturnValue(true);
  const { asked, interrupting } = ask('\u0003');
  while (killed.mock.calls.length === 0) await new Promise(setImmediate);
  expect(killed).toHaveBeenCalledWith(process.pid, 'SIGINT');
  interrupting.abort(new Error('Interrupted by SIGINT'));
  await expect(asked).rejects.toThrow('Interrupted by SIGINT');
});

test('without a terminal nobody is asked, and --yes is named', async () => {
  await expect(ask('y\r', false).asked).rejects.toMatchObject({ mend: expect.stringContaining('--yes') });
});
