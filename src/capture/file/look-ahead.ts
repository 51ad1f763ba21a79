/** What comes next in a capture, and as far beyond it as is asked for: bounded in segments and in bytes. */
import type { CapturedSegment, SegmentSource } from './captured-segment';
import { aborted } from './waiting';

const SEGMENTS_MAX = 4096;
const BYTES_MAX = 8 * 1024 * 1024;

/** What came of reading on: something, nothing more ever, or nothing within the time. */
export type ReadOutcome = 'read' | 'end' | 'late';

export class LookAhead {
  #head: CapturedSegment | undefined;
  /** Its bytes are the source's, until more is asked of that. */
  #isBorrowed = false;
  /** Behind the head, with bytes of their own. */
  #behind: CapturedSegment[] = [];
  #behind_bytes = 0;
  #reading: Promise<{ readonly more: boolean } | { readonly error: unknown }> | undefined;
  #ended = false;

  constructor(private readonly source: SegmentSource) {}

  /** Undefined when more must be read first. It is valid until the next call of anything here. */
  get head(): CapturedSegment | undefined {
    if (this.#head) return this.#head;
    const held = this.#behind.shift();
    if (held) this.#behind_bytes -= held.view.bytes.length;
    this.#isBorrowed = !held;
    this.#head = held ?? this.source.next();
    return this.#head;
  }

  /** The head was taken. */
  drop(): void {
    this.#head = undefined;
  }

  /** Whether it may not look further, or cannot. */
  get isExhausted(): boolean {
    const isFull = this.#behind.length >= SEGMENTS_MAX || this.#behind_bytes >= BYTES_MAX;
    return isFull || this.#ended;
  }

  /**
   * Looks one segment further behind the head.
   *
   * @returns the lowest timestamp up to there, in seconds, or Infinity; undefined when more must be read first, or it may not
   */
  further(): number | undefined {
    if (!this.#head || this.isExhausted) return undefined;
    this.#keepHead();
    const next = this.source.next();
    if (!next) return undefined;
    const held = keep(next);
    this.#behind.push(held);
    this.#behind_bytes += held.view.bytes.length;
    return lowestOf(held);
  }

  /** Reads on, which may take as long as a pipe's other end does. @param until then it goes on without being waited for */
  async read(until: AbortSignal): Promise<ReadOutcome> {
    this.#keepHead();
    this.#reading ??= this.source.read().then(
      (more) => ({ more }),
      (error: unknown) => ({ error }),
    );
    const over = aborted(until);
    const outcome = await Promise.race([this.#reading, over.done]);
    over.release();
    if (!outcome) return 'late';
    this.#reading = undefined;
    if ('error' in outcome) throw outcome.error;
    this.#ended = !outcome.more;
    return outcome.more ? 'read' : 'end';
  }

  /** Seconds: the lowest timestamp behind the head; Infinity where there is none. */
  get lowestBehind(): number {
    return this.#behind.reduce((lowest, one) => Math.min(lowest, lowestOf(one)), this.source.lowestSince);
  }

  /** Whether what the head says is said again behind it, with a checksum that is right. */
  get isSaidAgain(): boolean {
    const head = this.#head?.view;
    if (!head) return false;
    return this.#behind.some(
      ({ view, checksum }) =>
        checksum === 'right' &&
        view.source === head.source &&
        view.sourcePort === head.sourcePort &&
        view.destination === head.destination &&
        view.sequence === head.sequence &&
        view.payloadLength >= head.payloadLength,
    );
  }

  #keepHead(): void {
    if (!this.#head || !this.#isBorrowed) return;
    this.#head = keep(this.#head);
    this.#isBorrowed = false;
  }
}

const lowestOf = ({ timestamp = Infinity, lowestBefore }: CapturedSegment): number =>
  Math.min(timestamp, lowestBefore);

/** With bytes of its own. */
function keep(segment: CapturedSegment): CapturedSegment {
  const { view } = segment;
  const start = view.ipOffset;
  const bytes = view.bytes.slice(start, view.payloadOffset + view.payloadLength);
  return {
    ...segment,
    view: {
      ...view,
      bytes,
      ipOffset: 0,
      tcpOffset: view.tcpOffset - start,
      payloadOffset: view.payloadOffset - start,
    },
  };
}
