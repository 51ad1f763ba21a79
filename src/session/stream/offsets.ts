/**
 * Stream offsets: bytes since the initial sequence number, as ordinary numbers that do not wrap.
 *
 * Offset 0 is the SYN, data begins at 1. Sequence numbers of the wire become offsets at the border of a session, by
 * their distance from an offset already known, and nothing inside has to think of 2^32.
 */
import { seqAdd, seqDiff } from '../../wire/sequence';

/** The offset that `sequence` stands for, the one nearest to `near`. */
export const toOffset = (sequence: number, initial: number, near: number): number =>
  near + seqDiff(sequence, seqAdd(initial, near % 0x100000000));

export const toSequence = (offset: number, initial: number): number => seqAdd(initial, offset % 0x100000000);
