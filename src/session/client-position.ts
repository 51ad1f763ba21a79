/** How far a client had read the online server's stream when it spoke: the first acknowledgment seen is offset 1. */
import { seqAdd } from '../wire/sequence';
import type { SegmentView } from '../wire/segment';
import { ACK } from '../wire/tcp';
import { toOffset, toSequence } from './offsets';

export class ClientPosition {
  #first: number | undefined;
  #highest: number | undefined;

  /** The highest so far. */
  get offset(): number {
    return this.#highest ?? 1;
  }

  /** The same as it stood on the wire; 0 before any was seen. */
  get acknowledgment(): number {
    return toSequence(this.offset - 1, this.#first ?? 0);
  }

  /** Where the client was when it sent this segment. */
  of({ flags, acknowledgment }: SegmentView): number {
    if (!(flags & ACK)) return this.offset;
    return toOffset(acknowledgment, seqAdd(this.#first ?? acknowledgment, -1), this.offset);
  }

  /** Takes note of a segment. @returns whether the client has read on */
  take(view: SegmentView): boolean {
    if (view.flags & ACK) this.#first ??= view.acknowledgment;
    const offset = this.of(view);
    if (offset <= (this.#highest ?? -Infinity)) return false;
    this.#highest = offset;
    return true;
  }
}
