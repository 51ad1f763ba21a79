/** The messages of lab watch, as they come: of the lab, and of the run and the lesson beside it. */
import { useEffect, useState } from 'preact/hooks';
import type { LessonStage } from '../../lab/web/messages/lesson';
import type { Message } from '../../lab/web/messages/message';
import type { Place } from './place';
import { withRunMessage, type Run } from './run';
import { emptyState, withMessage, type State } from './state';

export interface Watch {
  readonly connected: boolean;
  /** Of the lab of each place. */
  readonly states: Readonly<Record<Place, State>>;
  readonly run: Run | undefined;
  readonly lesson: LessonStage;
}

const nothing: Watch = {
  connected: false,
  states: { lab: emptyState, run: emptyState, lesson: emptyState },
  run: undefined,
  lesson: { kind: 'closed' },
};

interface Told {
  readonly of: Place;
  readonly message: Message;
}

export function useWatch(): Watch {
  const [watch, setWatch] = useState<Watch>(nothing);
  useEffect(() => {
    const events = new EventSource('/events');
    // What comes in one turn is drawn once.
    let waiting: Told[] = [];
    const draw = (): void => {
      const told = waiting;
      waiting = [];
      setWatch((before) => told.reduce(withTold, { ...before, connected: true }));
    };
    const hear =
      (of: Told['of']) =>
      ({ data }: MessageEvent<string>): void => {
        if (waiting.length === 0) queueMicrotask(() => setTimeout(draw));
        waiting.push({ of, message: JSON.parse(data) as Message });
      };
    events.addEventListener('message', hear('lab'));
    events.addEventListener('run', hear('run'));
    events.addEventListener('lesson', hear('lesson'));
    events.onerror = () => setWatch((before) => ({ ...before, connected: false }));
    return () => events.close();
  }, []);
  return watch;
}

function withTold(watch: Watch, { of, message }: Told): Watch {
  const states = { ...watch.states, [of]: withMessage(watch.states[of], message) };
  const run = of === 'run' ? withRunMessage(watch.run, message) : watch.run;
  const lesson = message.kind === 'lesson' ? message.stage : watch.lesson;
  return { ...watch, states, run, lesson };
}
