import { afterEach, describe, expect, test } from '@jest/globals';
import {
  engineNamed,
  engineOf,
  engines,
  HERE,
  learnEngines,
  useEngines,
} from '../../../../lab/engine/docker/connection';
import { engineSaid } from '../../../../lab/cli/options/engines';

const A = 'unix:///run/a.sock';
const B = 'ssh://ops@host-b';

afterEach(() => useEngines({ [HERE]: 'unix:///var/run/docker.sock' }));

describe('engines that labs stand on', () => {
  test('are known by name, in the order in which they were said', async () => {
    await useEngines({ a: A, b: B });
    expect(engines().map(({ name, address }) => [name, address])).toEqual([
      ['a', A],
      ['b', B],
    ]);
    expect(engineNamed('b').address).toBe(B);
  });

  test('one of them under two names is refused by both', async () => {
    await expect(useEngines({ a: A, b: B, c: A })).rejects.toMatchObject({
      code: 'ENGINE_ADDRESS_INVALID',
      message: expect.stringContaining(`Engines a and c are one and the same, ${A}.`),
    });
  });

  test('a container tells which of them it is on', async () => {
    await useEngines({ a: A, b: B });
    const container = engineNamed('b').api.getContainer('0123');
    expect(engineOf(container).name).toBe('b');
  });

  test('more are learnt of a lab that stands on them, and those that are known stay', async () => {
    await useEngines({ a: A });
    const [first] = engines();
    expect(learnEngines({ a: A, b: B })).toBe(true);
    expect(engines().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(engines()[0]).toBe(first);
    expect(learnEngines({ a: A, b: B })).toBe(false);
  });

  test('one that nobody has said is named, with those that are known', async () => {
    await useEngines({ a: A, b: B });
    expect(() => engineNamed('c')).toThrow('No engine is called c; known: a, b.');
  });

  test.each(['', 'host-b', 'unix:relative', 'ftp://host', 'ssh://', 'tcp://', 'a b'])(
    '%j is refused as an address',
    async (address) => {
      await expect(useEngines({ a: address })).rejects.toMatchObject({ code: 'ENGINE_ADDRESS_INVALID' });
    },
  );
});

describe('--engine', () => {
  test('is said once for each', () => {
    expect(engineSaid(`b=${B}`, engineSaid(`a=${A}`))).toEqual({ a: A, b: B });
  });

  test.each(['a', '=x', 'A=x', 'a='])('%j names none', (written) => {
    expect(() => engineSaid(written)).toThrow('names no engine');
  });

  test('does not take one name for two', () => {
    expect(() => engineSaid(`a=${B}`, { a: A })).toThrow('Two engines are called a.');
  });
});
