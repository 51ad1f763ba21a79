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

const NEAR_MS = 500;

interface Seen {
  readonly copy: string;
  readonly client: string;
  /** Of its frames. */
  readonly times_ms: number[];
}

export class Recorder {
  readonly #messages: RecordedMessage[] = [];
  /** By `copy client`, in the order in which they were seen. */
  readonly #seen = new Map<string, Seen>();
  /** When something happened that is worth a closer look. */
  readonly #moments_ms: number[] = [];
  #frames = 0;

  /** @param at_ms when it was told */
  hear(message: Message, at_ms = Date.now()): void {
    if (message.kind === 'frames') {
      // Frames are kept apart, so that each comes at its own time.
      const room = Math.max(0, FRAMES_MAX - this.#frames);
      const frames = message.frames.filter(({ kind }) => kind !== 'canary').slice(0, room);
      if (frames.length === 0) return;
      this.#frames += frames.length;
      for (const { copy, kind, from, to, at_ms: frame_ms } of frames) {
        const client = kind === 'request' || kind === 'copy' ? from : to;
        const key = `${copy} ${client}`;
        const seen = this.#seen.get(key) ?? { copy, client, times_ms: [] };
        seen.times_ms.push(frame_ms);
        this.#seen.set(key, seen);
      }
      this.#messages.push({ at_ms, message: { kind: 'frames', frames } });
      return;
    }
    if (message.kind === 'step' && message.step.kind !== 'phase') this.#moments_ms.push(message.at_ms);
    if (message.kind === 'leaks') this.#moments_ms.push(...message.leaks.map((leak) => leak.at_ms));
    this.#messages.push({ at_ms, message });
  }

  /** @param exchangeOf asked of the connections that spoke most around what happened, and else of the first */
  finish(
    run: RunBegun,
    requests: readonly RecordedRequest[],
    exchangeOf: (copy: string, client: string) => Exchange | undefined,
  ): Recording {
    const isNear = (time_ms: number): boolean =>
      this.#moments_ms.some((moment_ms) => Math.abs(moment_ms - time_ms) < NEAR_MS);
    const chosen = [...this.#seen.values()]
      .map((seen) => ({ ...seen, near: seen.times_ms.filter(isNear).length }))
      .toSorted((a, b) => b.near - a.near)
      .slice(0, EXCHANGES_MAX);
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
