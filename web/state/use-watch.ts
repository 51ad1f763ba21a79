/** The messages of lab watch, as they come: of the lab, and of the run that is played beside it. */
import { useEffect, useState } from 'preact/hooks';
import type { Message } from '../../lab/web/messages/message';
import { withRunMessage, type Run } from './run';
import { emptyState, withMessage, type State } from './state';

export interface Watch {
  readonly connected: boolean;
  /** Of the lab. */
  readonly state: State;
  readonly run: Run | undefined;
  /** Of the lab in which the run is played. */
  readonly runState: State;
}

const nothing = { connected: false, state: emptyState, run: undefined, runState: emptyState };

interface Told {
  readonly of: 'lab' | 'run';
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
    events.onerror = () => setWatch((before) => ({ ...before, connected: false }));
    return () => events.close();
  }, []);
  return watch;
}

function withTold(watch: Watch, { of, message }: Told): Watch {
  if (of === 'lab') return { ...watch, state: withMessage(watch.state, message) };
  return {
    ...watch,
    run: withRunMessage(watch.run, message),
    runState: withMessage(watch.runState, message),
  };
}
