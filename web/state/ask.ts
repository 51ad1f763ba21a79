/** What the page asks of lab watch. */
import type { Exchange } from '../../lab/web/messages/frame';
import type {
  CheckView,
  HelpView,
  Language,
  LessonRow,
  LessonWanted,
  StepView,
} from '../../lab/web/messages/lesson';
import type { PlayWanted, Refusal, RequestDone, RequestPosted } from '../../lab/web/messages/message';
import type { PlayableScenario } from '../../lab/web/messages/run';
import type { Place } from './place';

/** @throws Error in words when it is refused */
export const sendRequest = (wanted: RequestPosted): Promise<RequestDone> => post('/request', wanted);

/** @throws Error in words when its frames are not kept any more */
export const askExchange = (of: Place, copy: string, client: string): Promise<Exchange> =>
  get('/exchange', { of, copy, client });

/** @throws Error in words */
export const askScenarios = (): Promise<readonly PlayableScenario[]> => get('/scenarios');

/** @throws Error in words when another one is played already */
export const play = (wanted: PlayWanted): Promise<unknown> => post('/play', wanted);

/** @throws Error in words */
export const stop = (): Promise<unknown> => post('/stop', {});

/** @throws Error in words */
export const askLessons = (language: Language): Promise<readonly LessonRow[]> =>
  get('/lessons', { language });

/** Of the lesson that is open; null where none is. @throws Error in words */
export const askStep = (language: Language): Promise<StepView | null> => get('/lesson', { language });

/** Takes as long as its lab takes to be there. @throws Error in words */
export const openLesson = (wanted: LessonWanted): Promise<StepView> => post('/lesson', wanted);

/** @throws Error in words */
export const checkLesson = (language: Language): Promise<CheckView> => post('/lesson/check', { language });

/** @throws Error in words */
export const askHelp = (language: Language): Promise<HelpView> => post('/lesson/help', { language });

/** @throws Error in words */
export const leaveLesson = (): Promise<unknown> => post('/lesson/leave', {});

const get = async <T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> =>
  answerOf<T>(await fetch(`${path}?${new URLSearchParams(query)}`));

const post = async <T>(path: string, wanted: unknown): Promise<T> =>
  answerOf<T>(await fetch(path, { method: 'POST', body: JSON.stringify(wanted) }));

async function answerOf<T>(response: Response): Promise<T> {
  const answer = (await response.json()) as unknown;
  if (response.ok) return answer as T;
  throw new Error((answer as Refusal).message);
}
