import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { spawnSync } from 'node:child_process';
import { announced, forAnyShell, whenBegun } from '../../../../lab/engine/docker/begun';

const said = (line: string): string => spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stdout;

/** Cut into pieces of so many bytes. */
async function behind(whole: string, bytes: number): Promise<{ heard: string | undefined; before: string }> {
  const stream = new PassThrough();
  let heard: Promise<string> | undefined;
  const before = whenBegun(stream, () => {
    const use = new PassThrough();
    stream.pipe(use);
    heard = text(use);
  });
  const ended = new Promise((resolve) => stream.once('end', resolve));
  for (let at = 0; at < whole.length; at += bytes) {
    stream.write(whole.slice(at, at + bytes));
    await new Promise(setImmediate);
  }
  stream.end();
  await ended;
  return { heard: await heard, before: before() };
}

test.each([1, 3, 1000])('what a shell says before is told apart, in pieces of %i bytes', async (bytes) => {
  const answer = said(announced(`printf 'one\\ntwo'`));
  expect(await behind(`Welcome!\n${answer}`, bytes)).toEqual({ heard: 'one\ntwo', before: 'Welcome!' });
  expect(await behind(answer.replace('\n', '\r\n'), bytes)).toEqual({ heard: 'one\ntwo', before: '' });
});

test('where nothing was begun, all of it came before', async () => {
  expect(await behind('This account is currently not available.\n', 7)).toEqual({
    heard: undefined,
    before: 'This account is currently not available.',
  });
});

test('a line has nothing in it that a shell of any kind would look at, and is what it was behind it', () => {
  const line = `cat; printf '%s|' "it's" '$HOME "x"' a\\\\b '!!'\necho`;
  const sent = forAnyShell(line);
  expect(sent).toMatch(/^sh -c '[A-Za-z0-9+/= "$()|-]+'$/);
  const there = spawnSync('sh', ['-c', sent], { input: 'input ', encoding: 'utf8' });
  expect(there.stdout).toBe('input ' + `it's|$HOME "x"|a\\b|!!|\n`);
});
