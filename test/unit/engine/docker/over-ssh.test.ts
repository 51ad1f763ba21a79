import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketOver } from '../../../../lab/engine/docker/over-ssh';

/** In the place of ssh: tells how it was called, and greets whoever logs in. */
const SSH = `#!/bin/sh
folder=$(dirname "$0")
for last; do :; done
printf '%s\\n' "$*" | sed 's/ sh -c .*//' >>"$folder/calls"
echo 'Welcome!'
PATH=$folder:$PATH exec sh -c "$last"
`;
/** Tells the same, and gives back what it is given. */
const DOCKER = `#!/bin/sh
printf '%s\\n' "$*" >>"$(dirname "$0")/docker-calls"
exec cat
`;

let folder: string;
const before = process.env['LAB_SSH'];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-over-ssh-'));
  await writeFile(join(folder, 'ssh'), SSH);
  await writeFile(join(folder, 'docker'), DOCKER);
  for (const name of ['ssh', 'docker']) await chmod(join(folder, name), 0o755);
});
beforeEach(() => {
  process.env['LAB_SSH'] = `${folder}/ssh -F config`;
});
afterAll(async () => {
  if (before === undefined) delete process.env['LAB_SSH'];
  else process.env['LAB_SSH'] = before;
  await rm(folder, { recursive: true });
});

async function talk(path: string, said: Buffer): Promise<Buffer> {
  const socket = connect(path);
  const heard = buffer(socket);
  socket.end(said);
  return heard;
}

const calls = async (of = 'calls'): Promise<string[]> =>
  (await readFile(join(folder, of), 'utf8')).trim().split('\n');

test('what is said to the socket is said there, each connection by itself, and its end ends both', async () => {
  const path = socketOver(new URL('ssh://ops@host-b:2222'));
  const words = ['one', 'two', 'x'.repeat(1_000_000)].map((text) => Buffer.from(text));
  const heard = await Promise.all(words.map((said) => talk(path, said)));
  expect(heard.map((one, index) => one.equals(words[index]!))).toEqual([true, true, true]);
  const [call, ...others] = await calls();
  expect(others).toHaveLength(2);
  expect(call).toMatch(/^-F config -T -o BatchMode=yes .*-p 2222 -l ops -- host-b$/);
  expect((await calls('docker-calls'))[0]).toBe('system dial-stdio');
});

test('what ssh says of itself is told once, with the host', async () => {
  const told: string[] = [];
  const writing = jest
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => told.push(String(text)) > 0);
  process.env['LAB_SSH'] = `${folder}/refused`;
  await writeFile(join(folder, 'refused'), '#!/bin/sh\necho Permission denied >&2\nexit 255\n', {
    mode: 0o755,
  });
  const path = socketOver(new URL('ssh://host-d'));
  for (let times = 0; times < 3; times += 1) expect(await talk(path, Buffer.from('hello'))).toHaveLength(0);
  await sleep(50);
  writing.mockRestore();
  expect(told).toEqual(['ssh to host-d: Permission denied\n']);
});

test('a path behind the host is that of the socket there', async () => {
  await talk(socketOver(new URL('ssh://host-c/run/b.sock')), Buffer.from('hello'));
  expect((await calls('docker-calls')).at(-1)).toBe('-H unix:///run/b.sock system dial-stdio');
});
