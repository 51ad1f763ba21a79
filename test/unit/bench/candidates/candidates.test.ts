import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candidatesFor } from '../../../../bench/candidates/candidates';

const none = { peer: undefined, before: undefined };

describe('candidates', () => {
  test('are ours with each backend, and what other directories hold', async () => {
    expect((await candidatesFor(none, [])).map(({ id }) => id)).toEqual(['packages', 'ring']);
  });

  test('are ours with a key only where that is asked for by its name', async () => {
    const [keyed, ...others] = await candidatesFor(none, ['key']);
    expect([keyed!.origin, keyed!.options.slice(0, 3), others]).toEqual([
      'ours',
      ['--io', 'ring', '--key-file'],
      [],
    ]);
  });

  test('that there are not, and directories without programs, are refused', async () => {
    await expect(candidatesFor(none, ['0.9'])).rejects.toMatchObject({
      code: 'USAGE',
      mend: expect.stringContaining('PEER='),
    });
    await expect(candidatesFor({ ...none, peer: '/nowhere' }, [])).rejects.toThrow(
      '/nowhere holds no programs',
    );
    await expect(candidatesFor({ ...none, before: '/nowhere' }, [])).rejects.toMatchObject({
      code: 'USAGE',
      mend: expect.stringContaining('programs <commit> <directory>'),
    });
  });

  test('are an earlier build of ours, too, which is none of those that promises are held against', async () => {
    const before = await mkdtemp(join(tmpdir(), 'bench-before-'));
    try {
      for (const name of ['tcpcopy', 'intercept', 'tcpcopy.mjs']) await writeFile(join(before, name), name);
      const [, ring, earlier, ...others] = await candidatesFor({ ...none, before }, []);
      expect(others).toEqual([]);
      expect(earlier).toMatchObject({
        id: 'before',
        origin: 'before',
        flavour: 'ours',
        options: ring!.options,
      });
      expect([...earlier!.files.keys()].sort()).toEqual(['intercept', 'tcpcopy', 'tcpcopy.mjs']);
    } finally {
      await rm(before, { recursive: true });
    }
  });
});
