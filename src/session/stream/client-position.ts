/** How far a client had read the online server's stream when it spoke: the first acknowledgment seen is offset 1. */
import { seqAdd } from '../../wire/sequence';
import type { SegmentView } from '../../wire/segment';
import { ACK } from '../../wire/tcp';
import { toOffset, toSequence } from './offsets';

/** What a session begins with. */
export const CLIENT_POSITION = {
  /** As on the wire; below 0 before any was seen. */
  acknowledgmentFirst: -1,
  /** The offset of the highest so far. */
  readUntil: -Infinity,
};
export type ClientPosition = typeof CLIENT_POSITION;

/** The highest so far. */
export const offset = (of: ClientPosition): number => Math.max(of.readUntil, 1);

/** The same as it stood on the wire; 0 before any was seen. */
export const acknowledgment = (of: ClientPosition): number =>
  toSequence(offset(of) - 1, Math.max(of.acknowledgmentFirst, 0));

/** Where the client was when it sent this segment. */
export function offsetAt(of: ClientPosition, view: SegmentView): number {
  const near = offset(of);
  if (!(view.flags & ACK)) return near;
  const first = of.acknowledgmentFirst < 0 ? view.acknowledgment : of.acknowledgmentFirst;
  return toOffset(view.acknowledgment, seqAdd(first, -1), near);
}

/** Takes note of a segment that came from `position`, as `offsetAt` tells it. @returns whether the client has read on */
export function take(of: ClientPosition, view: SegmentView, position: number): boolean {
  if (view.flags & ACK && of.acknowledgmentFirst < 0) of.acknowledgmentFirst = view.acknowledgment;
  if (position <= of.readUntil) return false;
  of.readUntil = position;
  return true;
}
