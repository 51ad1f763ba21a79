/** From captured IP packets to segments: what every backend does with what it received. */
import type { AddressWatch } from '../kernel/netlink/address-watch';
import { isLinkLocal, isLoopback } from '../wire/address/address';
import { emptySegmentView, viewSegment, type SegmentView } from '../wire/segment';
import { isOfShare, type Share } from '../wire/tables/share';
import type { CaptureCounters, CaptureReject, SegmentListener } from './source';

export interface Wanted {
  /** `others`: what this machine shall let on. `anybody`: also what was sent to other machines, and a switch sends here too. */
  readonly to: 'this-machine' | 'others' | 'anybody';
  /** Programs of this machine are clients too, where they speak from the loopback range. */
  readonly loopback: boolean;
}

export class Intake {
  readonly counters: CaptureCounters = { frames: 0, segments: 0 };
  readonly #view = emptySegmentView();
  #asked = false;

  constructor(
    private readonly own: Pick<AddressWatch, 'has' | 'refresh'>,
    private readonly wanted: Wanted,
    private readonly listener: SegmentListener,
    /** Of a worker; undefined for all. */
    private readonly share?: Share,
  ) {}

  /** What comes now was received after all that came before: an address may have come in between. */
  begin(): void {
    this.#asked = false;
  }

  /** An IP packet of `length` bytes at `offset`, borrowed for the call. @param at_ms when it was captured, by `performance.now` */
  packet(bytes: Uint8Array, offset: number, length: number, at_ms: number): void {
    const fault = viewSegment(this.#view, bytes, offset, length, 'whole');
    if (this.share && !isOwn(this.share, fault ? undefined : this.#view, clientEndOf(this.wanted))) return;
    this.counters.frames += 1;
    if (fault) this.#count(fault);
    else if (!this.#isWanted(this.#view.destination)) this.#count('other-destination');
    else if (this.#isLocalClient(this.#view.source)) this.#count('local-client');
    else if (isLinkLocal(this.#view.source)) this.#count('link-local-client');
    else {
      this.counters.segments += 1;
      this.listener(this.#view, at_ms);
    }
  }

  /** A frame that cannot be used. */
  reject(reason: CaptureReject): void {
    this.counters.frames += 1;
    this.#count(reason);
  }

  #isWanted(destination: number): boolean {
    const { own, wanted } = this;
    if (own.has(destination)) return wanted.to !== 'others';
    if (wanted.to !== 'this-machine') return true;
    // An address that came is told before anything can come in for it: what is not asked for each packet is still exact.
    if (this.#asked) return false;
    this.#asked = true;
    return own.refresh() && own.has(destination);
  }

  #isLocalClient(source: number): boolean {
    return this.own.has(source) && !(this.wanted.loopback && isLoopback(source));
  }

  #count(reason: CaptureReject): void {
    const name = `rejected_${reason}` as const;
    this.counters[name] = (this.counters[name] ?? 0) + 1;
  }
}

/** What others are sent are responses. */
export const clientEndOf = ({ to }: Wanted): 'source' | 'destination' =>
  to === 'others' ? 'destination' : 'source';

/** What is nobody's segment one of them counts. The kernel has left out most of the others', and not all (src/kernel/filter). */
function isOwn(share: Share, view: SegmentView | undefined, end: 'source' | 'destination'): boolean {
  if (!view) return share.index === 0;
  return end === 'source'
    ? isOfShare(share, view.source, view.sourcePort)
    : isOfShare(share, view.destination, view.destinationPort);
}
