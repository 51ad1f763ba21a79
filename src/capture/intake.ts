/** From captured IPv4 packets to segments: what every backend does with what it received. */
import { emptySegmentView, viewSegment } from '../wire/segment';
import type { CaptureCounters, CaptureReject, SegmentListener } from './source';

export class Intake {
  readonly counters: CaptureCounters = { frames: 0, segments: 0 };
  readonly #view = emptySegmentView();

  /** @param own this machine's addresses, host order */
  constructor(
    private readonly own: ReadonlySet<number>,
    private readonly listener: SegmentListener,
  ) {}

  /** An IPv4 packet of `length` bytes at `offset`, borrowed for the call. */
  packet(bytes: Uint8Array, offset: number, length: number): void {
    this.counters.frames += 1;
    const fault = viewSegment(this.#view, bytes, offset, length, 'whole');
    if (fault) this.#count(fault);
    else if (this.own.has(this.#view.source)) this.#count('local-client');
    else {
      this.counters.segments += 1;
      this.listener(this.#view);
    }
  }

  /** A frame that cannot be used. */
  reject(reason: CaptureReject): void {
    this.counters.frames += 1;
    this.#count(reason);
  }

  #count(reason: CaptureReject): void {
    const name = `rejected_${reason}` as const;
    this.counters[name] = (this.counters[name] ?? 0) + 1;
  }
}
