import { circleIn, importsIn } from './graph';
import { mayImport } from './rooms.mjs';

/** Three files, each of which imports the next, and the first of which imports nothing yet. */
const house = {
  'src/a/one.ts': '/** Says nothing of others. */',
  'src/a/two.ts': "import { one } from './one';",
  'lab/b/three.ts': "import {\n  two,\n} from '../../src/a/two';\nimport pack from '../../package.json';",
};

const circleWith = (text: string) =>
  circleIn(importsIn(new Map(Object.entries({ ...house, 'src/a/one.ts': text }))));

describe('a circle between files', () => {
  test('is not there where each imports only those before it', () => {
    expect(circleWith(house['src/a/one.ts'])).toBeUndefined();
  });

  test.each([
    "import { three } from '../../lab/b/three';",
    "import type { Three } from '../../lab/b/three';",
    "import { type Three } from '../../lab/b/three';",
    "export type { Three } from '../../lab/b/three';",
    "export * from '../../lab/b/three';",
    "import '../../lab/b/three';",
    "const three = await import('../../lab/b/three');",
    "let three: typeof import('../../lab/b/three');",
  ])('is found when put in with: %s', (text) => {
    expect(circleWith(text)).toEqual(['src/a/one.ts', 'lab/b/three.ts', 'src/a/two.ts', 'src/a/one.ts']);
  });

  test('is found in a file that imports itself', () => {
    expect(circleWith("import { one } from './one';")).toEqual(['src/a/one.ts', 'src/a/one.ts']);
  });
});

describe('an arrow', () => {
  test.each([
    ['lab/verify/judge.ts', 'lab/verify/leaks/leaks.ts'],
    ['lab/verify/leaks/audit.ts', 'lab/verify/frames/frames.ts'],
    ['lab/cli/commands/verify.ts', 'lab/verify/evidence/scene.ts'],
    ['lab/scenarios/planted/planted.ts', 'lab/scenarios/parts.ts'],
  ])('is allowed: %s -> %s', (file, target) => {
    expect(mayImport(file, target)).toBe(true);
  });

  test.each([
    ['lab/verify/frames/frames.ts', 'lab/verify/collect/taps.ts', 'up, within a room'],
    ['lab/verify/frames/frames.ts', 'lab/verify/judge.ts', 'to the room around it'],
    ['lab/verify/leaks/audit.ts', 'lab/engine/commands/lab.ts', 'to where only the room beside it may go'],
    ['lab/engine/up.ts', 'lab/verify/evidence/scene.ts', 'up'],
    ['lab/scenarios/planted/planted.ts', 'lab/scenarios/catalogue/all.ts', 'to the room beside it'],
    ['src/wire/flow.ts', 'test/unit/wire/files.ts', 'out of the house'],
  ])('is refused: %s -> %s, %s', (file, target) => {
    expect(mayImport(file, target)).toBe(false);
  });
});
