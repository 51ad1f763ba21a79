/** Plays a capture file in the time of its capture: reads no further than what is due, and waits while it has to. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { seqAdd } from '../wire/sequence';
import type { SegmentView } from '../wire/segment';
import { Lateness } from './lateness';
import { Pace, type PaceOptions } from './pace';
import type { CaptureFile } from './pcap-file';

/** Due sooner than this is played now: timers are no finer than twice that. */
const EARLY_MS = 0.5;
/** Replies and timers have their turn after so much playing. */
const TURN_MAX_MS = 4;
const ASK_AGAIN_MS = 2;
/** How much the sequence numbers of a round lie above those of the round before: no connection is mistaken for an older one. */
const ROUND_SHIFT = 0x1000_0000;

export interface ReplayHost {
  /** May anything be played now? While it may not, the clock of the replay stands still. */
  ready(): boolean;
  /** The view is borrowed for the call. */
  play(view: SegmentView): void;
}

export class Replay {
  readonly lateness = new Lateness();
  readonly #pace: Pace;

  /** @param round from 0 */
  constructor(
    private readonly file: CaptureFile,
    pace: PaceOptions,
    private readonly round: number,
    private readonly host: ReplayHost,
  ) {
    this.#pace = new Pace(pace);
  }

  /** How much of the capture's time was played. */
  get captured_ms(): number {
    return this.#pace.position_ms;
  }

  /** Resolves at the end of the file, or as soon as `signal` aborts. @throws CaptureError when the file is none */
  async run(signal: AbortSignal): Promise<void> {
    let turnEnds_ms = performance.now() + TURN_MAX_MS;
    while (!signal.aborted) {
      const view = this.file.next();
      if (!view) {
        if (!(await this.file.read())) return;
        continue;
      }
      this.#pace.advance(this.file.timestamp);
      if (!(await this.#isDue(signal))) return;
      const now_ms = performance.now();
      this.lateness.note(now_ms - this.#pace.dueAt_ms(now_ms));
      view.sequence = seqAdd(view.sequence, this.round * ROUND_SHIFT);
      this.host.play(view);
      if (now_ms < turnEnds_ms) continue;
      await setImmediate();
      turnEnds_ms = performance.now() + TURN_MAX_MS;
    }
  }

  /** The common case, a packet that is due, takes no turn of the event loop. @returns false when it never will be */
  async #isDue(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (!this.host.ready()) {
        await this.#untilReady(signal);
        continue;
      }
      const now_ms = performance.now();
      const wait_ms = this.#pace.dueAt_ms(now_ms) - now_ms;
      if (wait_ms <= EARLY_MS) return true;
      await sleep(Math.max(1, Math.floor(wait_ms)), signal);
    }
    return false;
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const from_ms = performance.now();
    while (!this.host.ready() && !signal.aborted) await sleep(ASK_AGAIN_MS, signal);
    this.#pace.paused(performance.now() - from_ms);
  }
}

/** Resolves early when `signal` aborts. */
async function sleep(duration_ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(duration_ms, undefined, { signal }).catch(() => undefined);
}
