import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enginesIn } from '../../../../lab/engine/docker/engines-file';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engines-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string): Promise<Record<string, string>> => {
  const file = join(folder, 'engines.yaml');
  writeFileSync(file, text);
  return enginesIn(file);
};

test.each([
  ['YAML', 'engines:\n  b: ssh://ops@host-b\n  a: unix:///run/a.sock\n  c: { context: prod }\n'],
  ['JSON', '{"engines":{"b":"ssh://ops@host-b","a":"unix:///run/a.sock","c":{"context":"prod"}}}'],
])('engines are read from %s, in the order in which they stand there', async (_, text) => {
  expect(Object.entries(await read(text))).toEqual([
    ['b', 'ssh://ops@host-b'],
    ['a', 'unix:///run/a.sock'],
    ['c', 'context:prod'],
  ]);
});

test.each([
  ['engines:\n  a: [', /engines\.yaml, line 2, column \d+: /],
  ['a: unix:///run/a.sock', /engines: /],
  ['engines: {}', /engines: it is empty/],
  ['engines: { A: unix:///run/a.sock }', /engines\.A: a name has lower-case letters/],
  ['engines: { a: 7 }', /engines\.a: must be an address, or \{ context: <name> \}/],
  ['engines: { a: { contxt: prod } }', /engines\.a: must be an address/],
  ['engines: { a: x }\nnodes: {}', /nodes/],
  ['', /names no engines/],
])('%j is refused, with the place', async (text, message) => {
  await expect(read(text)).rejects.toMatchObject({
    code: 'ENGINE_ADDRESS_INVALID',
    message: expect.stringMatching(message),
    mend: expect.stringContaining('engines: {'),
  });
});

test('a file that is not there is named', async () => {
  await expect(enginesIn(join(folder, 'nothing.json'))).rejects.toMatchObject({
    message: expect.stringContaining('nothing.json cannot be read'),
  });
});
