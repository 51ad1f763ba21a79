/** From captured IPv4 packets to segments: what every backend does with what it received. */
import { emptySegmentView, viewSegment } from '../wire/segment';
import type { CaptureCounters, CaptureReject, SegmentListener } from './source';

/** Addresses (host order) of this machine. */
export interface OwnAddresses {
  has(address: number): boolean;
  /** Reads whether others have come since. @returns whether any changed */
  refresh(): boolean;
}

export interface IntakeOptions {
  readonly own: OwnAddresses;
  /** Segments that are wanted: those to addresses of this machine, or those to others, which it shall let on. */
  readonly destination: 'own' | 'other';
  /** Programs of this machine are clients too, where they speak from the loopback range. */
  readonly loopback: boolean;
}

const LOOPBACK_FIRST_BYTE = 127;

export class Intake {
  readonly counters: CaptureCounters = { frames: 0, segments: 0 };
  readonly #view = emptySegmentView();
  #asked = false;

  constructor(
    private readonly options: IntakeOptions,
    private readonly listener: SegmentListener,
  ) {}

  /** What comes now was received after all that came before: an address may have come in between. */
  begin(): void {
    this.#asked = false;
  }

  /** An IPv4 packet of `length` bytes at `offset`, borrowed for the call. */
  packet(bytes: Uint8Array, offset: number, length: number): void {
    this.counters.frames += 1;
    const fault = viewSegment(this.#view, bytes, offset, length, 'whole');
    if (fault) this.#count(fault);
    else if (!this.#isWanted(this.#view.destination)) this.#count('other-destination');
    else if (this.#isLocalClient(this.#view.source)) this.#count('local-client');
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

  #isWanted(destination: number): boolean {
    const { own, destination: wanted } = this.options;
    if (own.has(destination)) return wanted === 'own';
    if (wanted === 'other') return true;
    // An address that came is told before anything can come in for it: what is not asked for each packet is still exact.
    if (this.#asked) return false;
    this.#asked = true;
    return own.refresh() && own.has(destination);
  }

  #isLocalClient(source: number): boolean {
    const { own, loopback } = this.options;
    return own.has(source) && !(loopback && source >>> 24 === LOOPBACK_FIRST_BYTE);
  }

  #count(reason: CaptureReject): void {
    const name = `rejected_${reason}` as const;
    this.counters[name] = (this.counters[name] ?? 0) + 1;
  }
}
