/** The messages of lab watch, as they come. */
import { useEffect, useState } from 'preact/hooks';
import type { Message } from '../../lab/web/messages/message';
import { emptyState, withMessage, type State } from './state';

export interface Watch {
  readonly state: State;
  readonly connected: boolean;
}

export function useWatch(): Watch {
  const [watch, setWatch] = useState<Watch>({ state: emptyState, connected: false });
  useEffect(() => {
    const events = new EventSource('/events');
    // What comes in one turn is drawn once.
    let waiting: Message[] = [];
    const draw = (): void => {
      const messages = waiting;
      waiting = [];
      setWatch(({ state }) => ({ connected: true, state: messages.reduce(withMessage, state) }));
    };
    events.onmessage = ({ data }: MessageEvent<string>) => {
      if (waiting.length === 0) queueMicrotask(() => setTimeout(draw));
      waiting.push(JSON.parse(data) as Message);
    };
    events.onerror = () => setWatch(({ state }) => ({ state, connected: false }));
    return () => events.close();
  }, []);
  return watch;
}
