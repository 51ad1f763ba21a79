import type { RunningLab } from '../../../../lab/engine/commands/lab';
import { lessons } from '../../../../lab/lessons/course/all';
import { stepNumbered, type LessonSession } from '../../../../lab/lessons/lesson-session';
import { stepView } from '../../../../lab/lessons/view';
import type { Message } from '../../../../lab/web/messages/message';
import type { School } from '../../../../lab/web/teach/school';
import { Teacher } from '../../../../lab/web/teach/teacher';
import { scene } from '../../verify/world/scene';
import { keptWatch, type KeptWatch } from '../world';

const OWN = 'lesson-1';
const lesson = lessons[0]!;

let watch: KeptWatch;
let done: string[];
let heard: Message[];
/** In which the next lesson is opened. */
let lab: string;
let opened: () => Promise<void>;

const sessionAt = (number: number): LessonSession => ({
  lesson,
  step: stepNumbered(lesson, number),
  room: { lab: { name: lab } as RunningLab, scene, places: {} },
});

const school: School = {
  rows: () => Promise.resolve([]),
  async open(name, { at = 1, told, signal }) {
    done.push(`open ${name} ${at}`);
    await told.step('network lan', opened);
    signal.throwIfAborted();
    return sessionAt(at);
  },
  check: ({ steps }, language) => {
    done.push('check');
    return Promise.resolve({ passed: true, checks: [], lab, next: stepView(lesson, steps[1]!, language) });
  },
  help: () => Promise.resolve({ hint: 'look' }),
  removeLab: () => Promise.resolve(void done.push('remove')),
};

function begin(): Teacher {
  watch = keptWatch();
  watch.close = () => Promise.resolve(void done.push('end watch'));
  done = [];
  heard = [];
  lab = OWN;
  opened = () => Promise.resolve();
  const teacher = new Teacher('kept', school, (other) => {
    done.push(`watch ${other.name}`);
    return Promise.resolve(watch);
  });
  teacher.subscribe((message) => heard.push(message));
  return teacher;
}

const stages = (): unknown[] =>
  heard.flatMap((message) => (message.kind === 'lesson' ? [message.stage] : []));

test('a lesson is opened in a lab that is watched, and its steps follow each other', async () => {
  const teacher = begin();
  const step = await teacher.open({ lesson: 'tcp', language: 'zh' });
  expect(step).toMatchObject({ number: 1, title: lesson.steps[0].title.zh });
  expect(stages()).toEqual([
    { kind: 'closed' },
    { kind: 'opening', lesson: 'tcp' },
    { kind: 'opening', lesson: 'tcp', doing: 'network lan' },
    { kind: 'open', lesson: 'tcp', step: 'handshake', lab: OWN },
  ]);
  expect(heard.map(({ kind }) => kind)).toContain('picture');
  await teacher.check('en');
  expect(stages().at(-1)).toMatchObject({ step: lesson.steps[1]!.name });
  expect(teacher.step('en')).toMatchObject({ number: 2 });
  expect(teacher.lab()?.name).toBe(OWN);
});

test('who comes later is told where it stands, with what its lab told before', async () => {
  const teacher = begin();
  await teacher.open({ lesson: 'tcp', at: 3, language: 'en' });
  const late: Message[] = [];
  teacher.subscribe((message) => late.push(message));
  expect(late[0]).toMatchObject({ stage: { kind: 'open', step: lesson.steps[2]!.name } });
  expect(late.map(({ kind }) => kind)).toContain('frames');
  expect(teacher.exchange('online', '198.18.10.10:40000')).toBeDefined();
});

test('a lesson that is open in the lab which is watched already is not watched twice', async () => {
  const teacher = begin();
  lab = 'kept';
  await teacher.open({ lesson: 'tcp', language: 'en' });
  expect(done).toEqual(['open tcp 1']);
});

test('its watch is ended before its lab is removed, when it is left and when the watch ends', async () => {
  const teacher = begin();
  await teacher.open({ lesson: 'tcp', language: 'en' });
  await teacher.close();
  expect(done).toEqual(['open tcp 1', `watch ${OWN}`, 'end watch', 'remove']);
  expect(stages().at(-1)).toEqual({ kind: 'closed' });
  expect(teacher.step('en')).toBeUndefined();
  await expect(teacher.check('en')).rejects.toMatchObject({ code: 'LESSON_NOT_OPEN' });
});

test('a request is sent into the lab of a lesson, while it has one', async () => {
  const teacher = begin();
  const wanted = { copy: 'online', client: 'client', method: 'GET', target: '/taught', body: '' };
  await expect(teacher.send(wanted)).rejects.toMatchObject({ code: 'LESSON_NOT_OPEN' });
  await teacher.open({ lesson: 'tcp', language: 'en' });
  expect(await teacher.send(wanted)).toMatchObject({ answer: 'HTTP/1.1 200 OK' });
  expect(watch.asked).toEqual([wanted]);
});

test('one that is left while it is being opened is not opened', async () => {
  const teacher = begin();
  let left: Promise<void> | undefined;
  opened = () => {
    left = teacher.leave();
    return Promise.resolve();
  };
  await expect(teacher.open({ lesson: 'tcp', language: 'en' })).rejects.toMatchObject({
    code: 'LESSON_STOPPED',
  });
  await left;
  expect(done).not.toContain(`watch ${OWN}`);
  expect(done).toContain('remove');
});

test('one that cannot be opened says why, and none is open', async () => {
  const teacher = begin();
  opened = () => Promise.reject(new Error('no room for another lab'));
  await expect(teacher.open({ lesson: 'tcp', language: 'en' })).rejects.toThrow('no room for another lab');
  expect(stages().at(-1)).toEqual({ kind: 'closed' });
});
