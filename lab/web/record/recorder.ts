/** Keeps what a watch and a run tell, for a page that shows it again. */
import type { Exchange, Step, WholeFrame } from '../messages/frame';
import type { Message } from '../messages/message';
import type { RecordedMessage, RecordedRequest, Recording } from '../messages/recording';
import type { RunBegun } from '../messages/run';

/** Connections that can be gone through, and how much of each. */
const EXCHANGES_MAX = 24;
const STEPS_MAX = 60;
/** Of a frame: both headers, and the beginning of what is said. */
const FRAME_BYTES_MAX = 240;
/** Frames; more would be more than a page should hold. */
const FRAMES_MAX = 5_000;

export class Recorder {
  readonly #messages: RecordedMessage[] = [];
  /** `copy client` of connections, in the order in which they were seen. */
  readonly #seen = new Map<string, { copy: string; client: string }>();
  #frames = 0;

  /** @param at_ms when it was told */
  hear(message: Message, at_ms = Date.now()): void {
    if (message.kind === 'frames') {
      // Frames are kept apart, so that each comes at its own time.
      const room = Math.max(0, FRAMES_MAX - this.#frames);
      const frames = message.frames.filter(({ kind }) => kind !== 'canary').slice(0, room);
      if (frames.length === 0) return;
      this.#frames += frames.length;
      for (const { copy, kind, from, to } of frames) {
        const client = kind === 'request' || kind === 'copy' ? from : to;
        this.#seen.set(`${copy} ${client}`, { copy, client });
      }
      this.#messages.push({ at_ms, message: { kind: 'frames', frames } });
      return;
    }
    this.#messages.push({ at_ms, message });
  }

  /** @param exchangeOf asked of some of the connections that were seen, evenly from the first to the last */
  finish(
    run: RunBegun,
    requests: readonly RecordedRequest[],
    exchangeOf: (copy: string, client: string) => Exchange | undefined,
  ): Recording {
    const seen = [...this.#seen.values()];
    const every = Math.max(1, seen.length / EXCHANGES_MAX);
    const chosen = seen.filter((_, index) => Math.floor(index / every) !== Math.floor((index - 1) / every));
    const exchanges = chosen.flatMap(({ copy, client }) => exchangeOf(copy, client) ?? []);
    return { run, requests, messages: this.#messages, exchanges: exchanges.map(shortened) };
  }
}

function shortened(exchange: Exchange): Exchange {
  const steps = exchange.steps.slice(0, STEPS_MAX);
  return {
    ...exchange,
    steps: steps.map((step): Step => {
      const { twin, waitedFor, ...rest } = step;
      return {
        ...rest,
        frame: shortFrame(step.frame),
        ...(twin !== undefined && twin < steps.length && { twin }),
        ...(waitedFor && waitedFor.step < steps.length && { waitedFor }),
      };
    }),
  };
}

function shortFrame(frame: WholeFrame): WholeFrame {
  const kept = Math.min(FRAME_BYTES_MAX, frame.hex.length / 2);
  const left_bytes = frame.hex.length / 2 - kept;
  return { ...frame, hex: frame.hex.slice(0, kept * 2), missing_bytes: frame.missing_bytes + left_bytes };
}
