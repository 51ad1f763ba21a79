import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lessons } from '../../../lab/lessons/course/all';
import { keep, readKept, stateFolder } from '../../../lab/lessons/kept';
import {
  isDone,
  nextHelp,
  nextStep,
  noProgress,
  progressSchema,
  withHelp,
  withPassed,
} from '../../../lab/lessons/progress';
import { rowsOf } from '../../../lab/lessons/view';
import { languageOf } from '../../../lab/lessons/words/language';

const lesson = lessons[1]!;
const [first, second] = lesson.steps;

describe('progress', () => {
  test('goes on with the first step that was not passed', () => {
    expect(nextStep(noProgress, lesson)).toBe(first);
    expect(nextStep(withPassed(noProgress, lesson, first), lesson)).toBe(second);
  });

  test('is done when every step was passed, in whatever order, and begins anew then', () => {
    const done = lesson.steps.toReversed().reduce((sum, step) => withPassed(sum, lesson, step), noProgress);
    expect(isDone(done, lesson)).toBe(true);
    expect(nextStep(done, lesson)).toBe(first);
    expect(rowsOf(lessons, done, 'en')[1]).toMatchObject({ done: true, passed: lesson.steps.length });
  });

  test('counts a step once, and does not count steps that the course has no more', () => {
    const twice = withPassed(withPassed(noProgress, lesson, first), lesson, first);
    const old = { ...twice, passed: { ...twice.passed, [lesson.name]: [first.name, 'of-an-older-course'] } };
    expect(rowsOf(lessons, old, 'en')[1]).toMatchObject({ done: false, passed: 1 });
  });

  test('gives a hint first, and the answer from then on', () => {
    expect(nextHelp(noProgress, lesson, first)).toBe('hint');
    const helped = withHelp(noProgress, lesson, first);
    expect(nextHelp(helped, lesson, first)).toBe('answer');
    expect(nextHelp(helped, lesson, second!)).toBe('hint');
  });
});

describe('what is kept', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'lab-kept-'))));
  afterEach(() => rm(folder, { recursive: true }));

  test('is read as it was written, and leaves nothing beside it', async () => {
    const file = join(folder, 'deep/lessons.json');
    const progress = withPassed(noProgress, lesson, first);
    await keep(file, progress);
    expect(await readKept(file, progressSchema)).toEqual(progress);
    expect(await readdir(join(folder, 'deep'))).toEqual(['lessons.json']);
  });

  test('is nothing at first', async () => {
    expect(await readKept(join(folder, 'none.json'), progressSchema)).toBeUndefined();
  });

  test.each(['{', '{"version":2,"passed":{},"helped":{}}'])(
    'is refused by name, and left as it is: %s',
    async (text) => {
      const file = join(folder, 'lessons.json');
      await writeFile(file, text);
      await expect(readKept(file, progressSchema)).rejects.toMatchObject({
        code: 'KEPT_FILE_UNUSABLE',
        message: expect.stringContaining(file),
        mend: expect.stringContaining('mv '),
      });
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );

  test('stands where the XDG base directory specification has it', () => {
    expect(stateFolder({ XDG_STATE_HOME: '/somewhere' })).toBe('/somewhere/tcpcopy-lab');
    expect(stateFolder({ XDG_STATE_HOME: 'relative' })).toMatch(/\/\.local\/state\/tcpcopy-lab$/);
  });
});

test.each([
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'en_GB.UTF-8' }, 'en'],
  [{ LANG: 'de_DE', LC_ALL: 'zh_TW' }, 'zh'],
  [{ LANG: 'zh_CN', LC_ALL: '' }, 'zh'],
  [{}, 'en'],
])('%j is read as %s', (environment, language) => {
  expect(languageOf(environment)).toBe(language);
});
