/** Plays a capture in its own time: reads little further than what is due, and waits while it has to. */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { seqAdd } from '../../wire/sequence';
import type { SegmentView } from '../../wire/segment';
import type { CapturedSegment, SegmentSource } from './captured-segment';
import { Lateness } from './lateness';
import { LookAhead } from './look-ahead';
import { Pace, type PaceOptions } from './pace';
import { sleep, within } from './waiting';

/** Due sooner than this is played now: timers are no finer than twice that. */
const EARLY_MS = 0.5;
/** Replies and timers have their turn after so much playing. */
const TURN_MAX_MS = 4;
const ASK_AGAIN_MS = 2;
/** No timer is set for longer. */
const SLEEP_MAX_MS = 3_600_000;
/** It is looked further into the capture before so much is waited for that later packets may take back. */
const DOUBT_MIN_MS = 100;
/** So long, in all, a pipe is waited for until it is known what checksums mean. */
const DECIDE_MAX_MS = 1000;
/** So many segments that others play take next to no time. */
const PASSED_AT_ONCE = 64;
/** How much the sequence numbers of a round lie above those of the round before: no connection is mistaken for an older one. */
const ROUND_SHIFT = 0x1000_0000;

/** A capture that is played. */
export interface Playable extends SegmentSource {
  /** A segment that came out is damaged, and is not played. */
  rejectCorrupt(): void;
}

export interface ReplayHost {
  /** May anything be played now? While it may not, the clock of the replay stands still. */
  ready(): boolean;
  /** The view is borrowed for the call. */
  play(view: SegmentView): void;
  /** Whether it is played here, and not by another worker at the same time. Default: all is. */
  isPlayed?(view: SegmentView): boolean;
  /** The capture's clock jumped by so much, and the jump was cut. */
  clockJumped(by_ms: number): void;
  /** The capture is silent, and so much of it is waited for. */
  silent(wait_ms: number): void;
}

export class Replay {
  readonly lateness = new Lateness();
  readonly #pace: Pace;
  readonly #ahead: LookAhead;
  /** What is left of the time for that. */
  #decide_ms = DECIDE_MAX_MS;
  /** The first was due. */
  #begun = false;
  /** Segments that others play. */
  #passed = 0;

  /** @param round from 0 */
  constructor(
    private readonly capture: Playable,
    pace: PaceOptions,
    private readonly round: number,
    private readonly host: ReplayHost,
  ) {
    this.#pace = new Pace(pace);
    this.#ahead = new LookAhead(capture);
  }

  /** How much of the capture's time was played. */
  get captured_ms(): number {
    return this.#pace.position_ms;
  }

  /** Resolves at the end of the capture, or as soon as `signal` aborts. @throws CaptureError when it cannot be read on */
  async run(signal: AbortSignal): Promise<void> {
    let turnEnds_ms = performance.now() + TURN_MAX_MS;
    while (!signal.aborted) {
      const segment = this.#ahead.head;
      if (!segment) {
        if ((await this.#ahead.read(signal)) !== 'read') return;
        continue;
      }
      if (segment.checksum === 'wrong' && (await this.#isCorrupt(segment, signal))) {
        this.capture.rejectCorrupt();
        this.#ahead.drop();
        continue;
      }
      this.#pace.advance(segment.timestamp);
      const isPlayed = this.host.isPlayed?.(this.#head.view) ?? true;
      // What others play need not be waited for, but the clock begins with it, and it may show that the clock was wrong.
      const isWaitedFor = isPlayed || !this.#begun || this.#pace.jump !== undefined;
      if (isWaitedFor && !this.#isDueNow() && !(await this.#isDue(signal))) return;
      this.#begun = true;
      if (!isPlayed) {
        this.#ahead.drop();
        this.#passed += 1;
        if (this.#passed % PASSED_AT_ONCE !== 0) continue;
      }
      const now_ms = performance.now();
      if (isPlayed) {
        this.lateness.note(now_ms - this.#pace.dueAt_ms(now_ms));
        this.#play();
      }
      if (now_ms < turnEnds_ms) continue;
      await setImmediate();
      turnEnds_ms = performance.now() + TURN_MAX_MS;
    }
  }

  /** As it stands now: what is kept has bytes of its own. */
  get #head(): CapturedSegment {
    return this.#ahead.head!;
  }

  #play(): void {
    const { view } = this.#head;
    view.sequence = seqAdd(view.sequence, this.round * ROUND_SHIFT);
    this.host.play(view);
    this.#ahead.drop();
  }

  /** A wrong checksum means damage where others are right, and where the same is said again with a right one. */
  async #isCorrupt({ evidence }: CapturedSegment, signal: AbortSignal): Promise<boolean> {
    const look = (): boolean => !evidence.isEnough && this.#ahead.further() !== undefined;
    while (look());
    const from_ms = performance.now();
    await within(this.#decide_ms, signal, async (until) => {
      while (!evidence.isEnough && !this.#ahead.isExhausted && !until.aborted) {
        await this.#ahead.read(until);
        while (look());
      }
    });
    this.#decide_ms = Math.max(0, this.#decide_ms - (performance.now() - from_ms));
    return evidence.counts === true || this.#ahead.isSaidAgain;
  }

  /** The common case. */
  #isDueNow(): boolean {
    return this.host.ready() && this.#wait_ms() <= EARLY_MS;
  }

  /** Also a packet that is due takes no turn of the event loop. @returns false when it never will be */
  async #isDue(signal: AbortSignal): Promise<boolean> {
    let told = false;
    while (!signal.aborted) {
      if (!this.host.ready()) {
        await this.#untilReady(signal);
        continue;
      }
      const wait_ms = this.#wait_ms();
      if (wait_ms <= EARLY_MS) return true;
      const isDoubtful = this.#pace.jump !== undefined && wait_ms > DOUBT_MIN_MS;
      if (isDoubtful && this.#isTakenBack()) continue;
      if (isDoubtful && !told) this.host.silent(wait_ms);
      told = true;
      const nap_ms = Math.min(SLEEP_MAX_MS, Math.max(1, Math.floor(wait_ms)));
      if (isDoubtful && !this.#ahead.isExhausted)
        await within(nap_ms, signal, (until) => this.#ahead.read(until));
      else await sleep(nap_ms, signal);
    }
    return false;
  }

  #wait_ms(): number {
    const now_ms = performance.now();
    return this.#pace.dueAt_ms(now_ms) - now_ms;
  }

  /** Looks as far as it may, until a later packet shows that the clock was wrong. */
  #isTakenBack(): boolean {
    const { jump, isAbsurd } = this.#pace;
    if (!jump) return false;
    if (!isAbsurd && !this.#goesBackBelow(jump.takenBackBelow)) return false;
    this.#pace.takeBack();
    this.host.clockJumped(jump.by_ms);
    return true;
  }

  /** @param timestamp seconds */
  #goesBackBelow(timestamp: number): boolean {
    let lowest: number | undefined = this.#ahead.lowestBehind;
    while (lowest !== undefined && lowest >= timestamp) lowest = this.#ahead.further();
    return lowest !== undefined || this.#ahead.lowestBehind < timestamp;
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const from_ms = performance.now();
    while (!this.host.ready() && !signal.aborted) await sleep(ASK_AGAIN_MS, signal);
    this.#pace.paused(performance.now() - from_ms);
  }
}
