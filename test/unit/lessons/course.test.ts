import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTopology } from '../../../lab/cli/options/topology-source';
import type { Action } from '../../../lab/lessons/classroom/action';
import { typed } from '../../../lab/lessons/classroom/action';
import { lessons } from '../../../lab/lessons/course/all';
import { faults } from '../../../lab/lessons/faults/all';
import { languages, type Words } from '../../../lab/lessons/words/language';
import { phrases } from '../../../lab/lessons/words/phrases';
import { answerOf, stepView } from '../../../lab/lessons/view';

const root = join(import.meta.dirname, '../../..');

/** What is left of a text when placeholders are: a learner would see braces. */
const placesIn = (text: string): string[] =>
  [...text.matchAll(/\{([a-z][a-z0-9-]*)\}/g)].map(([, name]) => name!);

const CHINESE = /[\u4e00-\u9fff]/;

function faultOfWords(words: Words): string | undefined {
  if (languages.some((language) => words[language].trim() === '')) return 'is empty';
  const prose = words.en.split('\n').some((line) => line !== '' && !line.startsWith('  '));
  if (prose && !CHINESE.test(words.zh)) return 'is not translated';
  if (CHINESE.test(words.en)) return 'is not English';
  const [english, chinese] = languages.map((language) => new Set(placesIn(words[language])));
  return [...english!].sort().join() === [...chinese!].sort().join() ? undefined : 'has other placeholders';
}

test('the course has at least twelve lessons, each with a name of its own', () => {
  expect(lessons.length).toBeGreaterThanOrEqual(12);
  expect(new Set(lessons.map(({ name }) => name)).size).toBe(lessons.length);
});

describe.each(lessons)('lesson $name', (lesson) => {
  const words = [
    lesson.title,
    lesson.teaches,
    ...lesson.steps.flatMap(({ title, text, task, hint, after, checks }) => [
      ...[title, text, task, hint, after],
      ...checks.map(({ holds }) => holds),
    ]),
  ];

  test('says the same in both languages, with the same places', () => {
    expect(words.flatMap((one) => (faultOfWords(one) ? [`${one.en} ${faultOfWords(one)}`] : []))).toEqual([]);
  });

  test('has steps with names of their own', () => {
    expect(new Set(lesson.steps.map(({ name }) => name)).size).toBe(lesson.steps.length);
  });

  test('acts in nodes of its topology, and names no others', async () => {
    const { nodes } = await loadTopology(lesson.topology);
    const actions = lesson.steps.flatMap(({ prepares = [], answer }): Action[] => [...prepares, ...answer]);
    const named = actions.flatMap((action) => ('carry' in action ? [action.from, action.to] : [action.on]));
    expect(named.filter((name) => !(name in nodes))).toEqual([]);
    const ipv6 = Object.keys(nodes).flatMap((name) =>
      nodes[name]!.address6 === undefined ? [] : [`${name}6`],
    );
    const known = [...Object.keys(nodes), ...ipv6, 'exec', 'sysctl', 'doctor', 'range', 'nobody'];
    const placeholders = words.flatMap((one) => placesIn(one.en));
    const inCommands = actions.flatMap((action) => ('run' in action ? placesIn(action.run) : []));
    expect([...placeholders, ...inCommands].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('gives no answer away in a hint', () => {
    const told = lesson.steps.filter((step) =>
      languages.some((language) => answerOf(step, {}).some((line) => step.hint[language].includes(line))),
    );
    expect(told.map(({ name }) => name)).toEqual([]);
  });

  test('becomes plain data that a page can show', () => {
    for (const step of lesson.steps) {
      const view = stepView(lesson, step, 'zh', { exec: 'lab exec' });
      expect(JSON.parse(JSON.stringify(view))).toEqual(view);
      expect(view.text).not.toContain('{exec}');
    }
  });
});

describe('the catalogue of the exam', () => {
  test('has at least twenty faults of every kind, each with a name of its own', () => {
    expect(faults.length).toBeGreaterThanOrEqual(20);
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(
      new Set(['rule', 'route', 'sysctl', 'option', 'server']),
    );
  });

  test.each(faults)(
    '$name says the same in both languages, and does not name itself to the learner',
    (fault) => {
      expect([fault.complaint, fault.because].map(faultOfWords)).toEqual([undefined, undefined]);
      expect(fault.complaint.en).not.toContain(fault.because.en);
    },
  );

  test.each(faults)('$name acts in nodes of its topology', async ({ topology, breaks, mends }) => {
    const { nodes } = await loadTopology(topology);
    const named = [...breaks, ...mends].flatMap((action) => ('on' in action ? [action.on] : []));
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => !(name in nodes))).toEqual([]);
  });
});

test('phrases are said in both languages', () => {
  expect(Object.values(phrases).map((words: Words) => faultOfWords(words))).toEqual(
    Object.keys(phrases).map(() => undefined),
  );
});

test('an untranslated text, or one with another placeholder, is noticed', () => {
  expect(faultOfWords({ en: 'Start it.', zh: 'Start it.' })).toBe('is not translated');
  expect(faultOfWords({ en: 'Ask {test}.', zh: '去问 {online}。' })).toBe('has other placeholders');
});

test('actions are told as a person types them', () => {
  const places = { exec: './bin/lab exec', test: '198.18.10.30' };
  expect(typed({ on: 'online', run: 'curl -s http://{test}/' }, places)).toBe(
    './bin/lab exec online -- curl -s http://198.18.10.30/',
  );
  expect(typed({ on: 'test', run: 'pkill nginx; true' }, places)).toBe(
    "./bin/lab exec test -- sh -c 'pkill nginx; true'",
  );
  expect(typed({ on: 'test', sysctl: 'net.ipv4.ip_forward', value: '0' }, places)).toBe(
    './bin/lab sysctl test net.ipv4.ip_forward=0',
  );
});

describe.each([
  ['docs/lessons.md', 'en'],
  ['docs/lessons.zh-CN.md', 'zh'],
] as const)('%s', (page, language) => {
  const text = readFileSync(join(root, page), 'utf8');

  test('has every lesson with what it teaches, in the order of the course', () => {
    const rows = lessons.map(
      ({ name, title, teaches, topology }, index) =>
        `| ${index + 1} | \`${name}\` | ${title[language]} | ${teaches[language]} | \`${topology}\` |`,
    );
    expect(text.match(/^\| \d+ \| .*$/gm)).toEqual(rows);
  });

  test('says how many faults the exam has', () => {
    expect(text).toContain(String(faults.length));
  });
});
