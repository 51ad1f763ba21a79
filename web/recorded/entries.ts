/** A recording as moments, each of which comes at its own time. */
import type { Message } from '../../lab/web/messages/message';
import type { RecordedMessage } from '../../lab/web/messages/recording';

export interface Entry {
  /** When it comes, from the beginning: time in which nothing happens is shortened. */
  readonly at_ms: number;
  readonly message: Message;
}

/** Longest time in which nothing is to be seen. */
const STILL_MAX_MS = 700;

/** In the order of time. Messages without a time of their own belong to the moment at which they were told. */
export function entriesOf(messages: readonly RecordedMessage[]): Entry[] {
  // What was told at first may have happened long before.
  const begin_ms = Math.min(...messages.map((one) => (rank(one) < 0 ? Infinity : one.at_ms)));
  const moments = messages
    .flatMap(({ at_ms, message }): RecordedMessage[] => {
      if (message.kind !== 'frames')
        return [{ at_ms: Math.max(begin_ms, ownTime(message) ?? at_ms), message }];
      return message.frames.map((frame) => ({
        at_ms: frame.at_ms,
        message: { kind: 'frames', frames: [frame] },
      }));
    })
    .sort((a, b) => rank(a) - rank(b) || a.at_ms - b.at_ms);
  let before_ms = moments.find((moment) => rank(moment) > 0)?.at_ms ?? 0;
  let shown_ms = 0;
  return moments.map(({ at_ms, message }, index) => {
    const gap_ms = Math.max(0, at_ms - before_ms);
    before_ms = Math.max(before_ms, at_ms);
    shown_ms += Math.min(STILL_MAX_MS, gap_ms);
    return { at_ms: shown_ms, message: numbered(message, index) };
  });
}

/** What a run is, and the topology, are known from the beginning. */
const rank = ({ message: { kind } }: RecordedMessage): number =>
  kind === 'run' ? -1 : kind === 'picture' ? 0 : 1;

function ownTime(message: Message): number | undefined {
  if (message.kind === 'reading') return message.reading.at_ms;
  if (message.kind === 'guard') return message.change.at_ms;
  if (message.kind === 'leaks') return message.leaks[0]?.at_ms;
  return message.kind === 'step' || message.kind === 'result' ? message.at_ms : undefined;
}

/** Frames of several taps were numbered as they were told. */
function numbered(message: Message, id: number): Message {
  if (message.kind !== 'frames') return message;
  return { kind: 'frames', frames: message.frames.map((frame) => ({ ...frame, id })) };
}

/** Index of the first that is later. */
export function indexAt(entries: readonly Entry[], at_ms: number): number {
  const found = entries.findIndex((entry) => entry.at_ms > at_ms);
  return found < 0 ? entries.length : found;
}
