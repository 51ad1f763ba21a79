import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertPrograms, assertSame, assertUsable } from '../../../../lab/engine/nodes/components';
import { identityFrom, labelsOf, type LabIdentity } from '../../../../lab/engine/docker/labels';
import { thisProcess } from '../../../../lab/engine/docker/owner';
import dataLink from '../../../../topologies/data-link';
import traditional from '../../../../topologies/traditional';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-components-'));
  for (const name of ['tcpcopy', 'intercept'])
    await writeFile(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
});
afterEach(() => rm(folder, { recursive: true }));

const lab: LabIdentity = {
  name: 'mine',
  run: 'r',
  revision: 0,
  starter: thisProcess(),
  own: true,
  topology: traditional,
  bare: false,
  components: undefined,
  engines: undefined,
  swarm: [],
};

describe('a directory of programs', () => {
  test('is taken when both are there', async () => {
    await expect(assertPrograms(folder)).resolves.toBeUndefined();
  });

  test('is refused when it is not there, or no directory', async () => {
    const nowhere = join(folder, 'nowhere');
    await expect(assertPrograms(nowhere)).rejects.toMatchObject({
      code: 'COMPONENTS_UNUSABLE',
      message: `There is no directory ${nowhere}.`,
      mend: expect.stringContaining('tcpcopy and intercept') as string,
    });
    const file = join(folder, 'tcpcopy');
    await expect(assertPrograms(file)).rejects.toMatchObject({ message: `${file} is not a directory.` });
  });

  test('is refused when a program is missing, or is a directory', async () => {
    const program = join(folder, 'intercept');
    await rm(program);
    const missing = {
      message: `There is no program ${program}.`,
      mend: expect.stringContaining('Copy both') as string,
    };
    await expect(assertPrograms(folder)).rejects.toMatchObject(missing);
    await mkdir(program);
    await expect(assertPrograms(folder)).rejects.toMatchObject(missing);
  });

  test('is refused when a program cannot be executed', async () => {
    const program = join(folder, 'tcpcopy');
    await chmod(program, 0o644);
    await expect(assertPrograms(folder)).rejects.toMatchObject({
      message: `${program} is not executable.`,
      mend: `chmod +x ${program}`,
    });
  });
});

test('a flavour that cannot be used in a topology is refused with what can', () => {
  expect(() => assertUsable(dataLink, '0.9')).toThrow(
    /architecture data-link, which programs of flavour 0\.9/,
  );
  expect(() => assertUsable(dataLink, '0.9')).toThrow(
    expect.objectContaining({
      code: 'FLAVOUR_UNUSABLE',
      mend: 'Give programs of flavour ours or 1.x, or a topology of the architecture traditional.',
    }) as Error,
  );
  expect(() => assertUsable(dataLink, '1.x')).not.toThrow();
});

test('a lab remembers its programs in its labels', () => {
  const components = { directory: '/opt/programs', flavour: '0.9' } as const;
  expect(identityFrom(labelsOf({ ...lab, components }))).toEqual({ ...lab, components });
  expect(identityFrom(labelsOf(lab))).toEqual(lab);
});

test('a lab that runs with other programs than those asked for is not taken for the same', () => {
  const components = { directory: '/opt/programs', flavour: '0.9' } as const;
  const running = { ...lab, components };
  const asked = { directory: '/opt/programs', flavour: undefined };
  expect(() => assertSame(running, asked)).not.toThrow();
  expect(() => assertSame(running, { ...asked, flavour: '1.x' })).toThrow(/flavour 0\.9/);
  expect(() => assertSame(running, { ...asked, directory: '/elsewhere' })).toThrow('/opt/programs');
  expect(() => assertSame(lab, asked)).toThrow('running with other programs: ours');
});
