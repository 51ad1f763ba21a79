/** What is shown at a moment of a recording: a function of the messages until then. */
import { useMemo, useRef } from 'preact/hooks';
import { withRunMessage, type Run } from '../state/run';
import { emptyState, withMessage, type State } from '../state/state';
import { indexAt, type Entry } from './entries';

export interface Moment {
  readonly state: State;
  readonly run: Run | undefined;
}

const nothing: Moment = { state: emptyState, run: undefined };

export function momentAfter(entries: readonly Entry[], from: Moment = nothing): Moment {
  return entries.reduce(
    ({ state, run }, { message }) => ({
      state: withMessage(state, message),
      run: withRunMessage(run, message),
    }),
    from,
  );
}

/** Forwards only what is new is gone through. */
export function useMoment(entries: readonly Entry[], at_ms: number): Moment {
  const last = useRef({ entries, index: 0, moment: nothing });
  const index = indexAt(entries, at_ms);
  return useMemo(() => {
    const goesOn = last.current.entries === entries && last.current.index <= index;
    const from = goesOn ? last.current : { index: 0, moment: nothing };
    const moment = momentAfter(entries.slice(from.index, index), from.moment);
    last.current = { entries, index, moment };
    return moment;
  }, [entries, index]);
}
