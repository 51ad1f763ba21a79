/** What the checksum of a captured segment says, beside what offload makes of checksums. */
import { finishChecksum, pseudoHeaderSum, tcpChecksum } from './checksum';
import { tcpChecksumField } from './tcp';
import type { SegmentView } from './segment';

export type ChecksumFinding =
  | 'right'
  | 'wrong'
  /**
   * It tells nothing: only the pseudo-header is in it, because the card that sent it was to compute the rest, or the machine
   * that received it had checked it and put several segments together.
   */
  | 'left-open';

/** A longer packet was put together by offload (or is a jumbo frame, which cannot be told from that). */
const PACKET_MAX_BYTES = 1500;

/** @param view of a segment that was captured to its end */
export function checkSegment(view: SegmentView): ChecksumFinding {
  const { bytes, ipOffset, tcpOffset, source, destination } = view;
  const end = view.payloadOffset + view.payloadLength;
  if (end - ipOffset > PACKET_MAX_BYTES) return 'left-open';
  const length = end - tcpOffset;
  if (tcpChecksum(bytes, tcpOffset, length, source, destination) === 0) return 'right';
  const field = tcpChecksumField(bytes, tcpOffset);
  // Some systems leave the length to the card as well.
  const isOpen = [length, 0].some(
    (counted) => field === (~finishChecksum(pseudoHeaderSum(source, destination, counted)) & 0xffff),
  );
  return isOpen ? 'left-open' : 'wrong';
}
