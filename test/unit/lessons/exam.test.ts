import { gradesOf } from '../../../lab/lessons/exam/grades';
import { faultOf } from '../../../lab/lessons/exam/paper';
import { isIntact, sealed, secondsOf, type ExamFacts } from '../../../lab/lessons/exam/result';
import { faults } from '../../../lab/lessons/faults/all';

const facts: ExamFacts = {
  version: 1,
  seed: 41,
  who: 'ada',
  lab: 'exam',
  run: '5b1d6f0e-0000-4000-8000-000000000000',
  begun: '2026-11-29T08:00:00.000Z',
  checked: '2026-11-29T08:12:30.000Z',
  checks: 2,
  verdict: 'passed',
  reasons: [],
};

describe('a seed', () => {
  test('stands for the same fault each time', () => {
    expect(faultOf(41, faults)).toBe(faultOf(41, faults));
    expect(faultOf(0xffff_ffff, faults)).toBeDefined();
  });

  test.each([0, 41, 4_000_000_000])(
    'and those behind %i lead to every fault before one comes again',
    (first) => {
      const met = faults.map((_, index) => faultOf(first + index, faults).name);
      expect(new Set(met).size).toBe(faults.length);
    },
  );
});

describe('a result', () => {
  test('is intact as it was written, whatever order its fields are in', () => {
    const result = sealed(facts);
    expect(isIntact(result)).toBe(true);
    expect(isIntact(Object.fromEntries(Object.entries(result).toReversed()) as typeof result)).toBe(true);
    expect(secondsOf(result)).toBe(750);
  });

  test.each([
    ['who', 'bob'],
    ['seed', 42],
    ['run', 'another'],
    ['checked', '2026-11-29T08:01:00.000Z'],
    ['verdict', 'passed'],
    ['checks', 1],
  ] as const)('is not, when %s was changed', (field, value) => {
    const result = sealed({ ...facts, verdict: 'failed' });
    expect(isIntact({ ...result, [field]: value })).toBe(false);
  });
});

describe("the trainer's table", () => {
  const grade = (...texts: string[]) =>
    gradesOf(new Map(texts.map((text, index) => [`${index}.json`, text])), faults);
  const written = (changes: Partial<ExamFacts> = {}): string =>
    JSON.stringify(sealed({ ...facts, ...changes }));

  test('has who, seed, fault, verdict, time and checks of each', () => {
    expect(grade(written())).toEqual([
      {
        file: '0.json',
        who: 'ada',
        seed: '41',
        fault: faultOf(41, faults).name,
        verdict: 'passed',
        minutes: '12.5',
        checks: '2',
      },
    ]);
  });

  test.each(['failed', 'restarted', 'given-up'] as const)('tells a verdict %s as it is', (verdict) => {
    expect(grade(written({ verdict }))[0]!.verdict).toBe(verdict);
  });

  test('tells what was changed by hand, and what is no result', () => {
    const changed = written({ verdict: 'failed' }).replace('"failed"', '"passed"');
    expect(grade(changed, '{', '{"version":1}').map(({ verdict }) => verdict)).toEqual([
      'changed',
      'unreadable',
      'unreadable',
    ]);
  });

  test('tells when two people hand in the same lab', () => {
    expect(grade(written(), written({ who: 'bob' })).map(({ verdict }) => verdict)).toEqual([
      'passed',
      'twice',
    ]);
  });
});
