/** What the page shows: a function of the messages that have come. */
import type { ShownFrame, ShownLeak } from '../../lab/web/messages/frame';
import type { Message } from '../../lab/web/messages/message';
import type { Picture } from '../../lab/web/messages/picture';
import type { GuardChange, Reading } from '../../lab/web/messages/reading';

/** Ten minutes of one a second. */
const READINGS_MAX = 600;
const FRAMES_MAX = 200;
const LEAKS_MAX = 100;
const GUARD_CHANGES_MAX = 500;

export interface State {
  readonly picture: Picture | undefined;
  readonly readings: readonly Reading[];
  /** The newest last. */
  readonly guard: readonly GuardChange[];
  /** The newest last; without the proofs of the guard. */
  readonly frames: readonly ShownFrame[];
  readonly mode: 'frames' | 'flows';
  readonly leaks: readonly ShownLeak[];
  /** Why something cannot be seen, by what. */
  readonly blind: Readonly<Record<string, string>>;
  readonly gone: boolean;
}

export const emptyState: State = {
  picture: undefined,
  readings: [],
  guard: [],
  frames: [],
  mode: 'frames',
  leaks: [],
  blind: {},
  gone: false,
};

export function withMessage(state: State, message: Message): State {
  switch (message.kind) {
    // Every connection begins with it, and with all that went before.
    case 'picture':
      return { ...emptyState, picture: message.picture };
    case 'reading':
      return { ...state, readings: [...state.readings, message.reading].slice(-READINGS_MAX) };
    case 'guard':
      return { ...state, guard: [...state.guard, message.change].slice(-GUARD_CHANGES_MAX) };
    case 'frames': {
      const fresh = message.frames.filter(({ kind }) => kind !== 'canary');
      return fresh.length === 0
        ? state
        : { ...state, frames: [...state.frames, ...fresh].slice(-FRAMES_MAX) };
    }
    case 'mode':
      return { ...state, mode: message.mode };
    case 'leaks':
      return { ...state, leaks: [...state.leaks, ...message.leaks].slice(0, LEAKS_MAX) };
    case 'blind':
      return { ...state, blind: withReason(state.blind, message.what, message.why) };
    case 'gone':
      return { ...state, gone: true };
    case 'lesson':
      return message.stage.kind === 'open' ? state : emptyState;
    case 'run':
      return emptyState;
    case 'setting-up':
    case 'step':
    case 'result':
    case 'broken-off':
      return state;
  }
}

function withReason(blind: State['blind'], what: string, why: string | undefined): State['blind'] {
  const others = Object.entries(blind).filter(([other]) => other !== what);
  return Object.fromEntries(why === undefined ? others : [...others, [what, why]]);
}
