import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Machine } from '../../../../lab/engine/machines/machine';
import { execStreaming } from '../../../../lab/engine/commands/exec-streaming';

/** Whoever is logged in there, in the place of ssh: a shell of this machine that is given the last word. */
const SSH = `#!/bin/sh
[ -e "$(dirname "$0")/gone" ] && { echo 'no route to host' >&2; exit 255; }
for last; do :; done
cat "$(dirname "$0")/greeting" 2>/dev/null
PATH=$(dirname "$0")/there:$PATH exec sh -c "$last"
`;

let folder: string;
const put = (name: string, content: string): void =>
  writeFileSync(join(folder, name), content, { mode: 0o755 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-machine-'));
  put('ssh', SSH);
  process.env['LAB_SSH'] = join(folder, 'ssh');
});
afterEach(() => {
  delete process.env['LAB_SSH'];
  rmSync(folder, { recursive: true, force: true });
});

const machine = new Machine('test', 'ops@host');

test('a line of shell comes to the machine as it is, whatever is quoted in it', async () => {
  const said = await machine.run(`printf '%s|' "it's" '$HOME "x"' a\\ b; echo no >&2; exit 3`);
  expect(said).toEqual({ exitCode: 3, stdout: `it's|$HOME "x"|a b|`, stderr: 'no' });
});

test('whoever is not root becomes it by sudo, without being asked for a password', async () => {
  mkdirSync(join(folder, 'there'));
  put('there/id', '#!/bin/sh\necho 1000\n');
  put('there/sudo', `#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nBY=sudo exec "$@"\n`);
  expect((await machine.run(`echo "it's me by $BY"`)).stdout).toBe(`it's me by sudo\n`);
});

test('what a login shell says by itself is not what the line says', async () => {
  put('greeting', 'Welcome!\n');
  expect((await machine.run('echo here')).stdout).toBe('here\n');
});

test('a machine on which nobody may become root is named, with what is said there', async () => {
  mkdirSync(join(folder, 'there'));
  put('there/id', '#!/bin/sh\necho 1000\n');
  put('there/sudo', `#!/bin/sh\necho 'sudo: a password is required' >&2; exit 1\n`);
  await expect(machine.run('true')).rejects.toMatchObject({
    code: 'MACHINE_UNFIT',
    message: 'Nothing can be done as root on test (ops@host): sudo: a password is required.',
    mend: expect.stringContaining('sudo -n true'),
  });
});

test('a command that is interrupted ends there, and not only here', async () => {
  const [said, abort] = [new PassThrough(), new AbortController()];
  const line = ['sh', '-c', 'echo begun; trap "exit 3" INT; while :; do sleep 0.05; done'];
  const ended = execStreaming(machine, line, { stdout: said, stderr: said }, abort.signal);
  await once(said, 'data');
  abort.abort();
  expect(await ended).toBe(3);
});

test('a machine that does not answer is named, with what ssh says of it', async () => {
  put('gone', '');
  await expect(machine.run('true')).rejects.toMatchObject({
    code: 'MACHINE_UNREACHABLE',
    message: 'test (ops@host) does not answer by ssh: no route to host.',
  });
});
