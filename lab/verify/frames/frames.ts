/** The frames of a capture file, one after the other, as views over its bytes. */
import { packetsIn } from '../../../src/wire/capture/capture-file';
import type { CapturedPacket } from '../../../src/wire/capture/capture-format';
import { IPV4_HEADER_MIN_BYTES } from '../../../src/wire/ip/ipv4';
import { emptyCursor, type Cursor } from '../../../src/wire/encapsulation/cursor';
import { unwrap } from '../../../src/wire/encapsulation/unwrap';
import { enterFrame, ipv4OffsetInFrame, LINKTYPE } from '../../../src/wire/encapsulation/link';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../src/wire/segment';

/** A frame in a capture; borrowed for the call, as the next frame fills the same object. */
export interface Frame {
  /** Seconds since the epoch. */
  time: number;
  bytes: Uint8Array;
  offset: number;
  /** Bytes that the capture holds of it. */
  length: number;
  /** As pcap numbers them. */
  linkType: number;
  /** Where its IPv4 header begins in `bytes`; -1 when it carries something else, or not all of that header. */
  ipOffset: number;
  /** Its TCP segment, when it has a whole header of one. */
  segment: SegmentView | undefined;
}

/** How far it is looked into a frame: at what the wire carries, or also at what is in its tunnels. */
export type Depth = 'outermost' | 'innermost';

/** @throws CaptureFileError when the capture is damaged or cut off, after the frames before that place */
export function eachFrame(
  capture: Uint8Array,
  visit: (frame: Frame) => void,
  depth: Depth = 'outermost',
): void {
  const view = emptySegmentView();
  const cursor = emptyCursor();
  const frame: Frame = {
    time: 0,
    bytes: capture,
    offset: 0,
    length: 0,
    linkType: LINKTYPE.ethernet,
    ipOffset: -1,
    segment: undefined,
  };
  for (const record of packetsIn(capture)) {
    frame.time = record.timestamp ?? frame.time;
    frame.offset = record.offset;
    frame.length = record.capturedLength;
    frame.linkType = record.linkType;
    const within =
      depth === 'innermost'
        ? innermostIpv4(cursor, capture, record)
        : ipv4OffsetInFrame(capture, record.offset, record.capturedLength, record.linkType);
    const hasHeader = within >= 0 && within + IPV4_HEADER_MIN_BYTES <= record.capturedLength;
    frame.ipOffset = hasHeader ? record.offset + within : -1;
    const fault = !hasHeader
      ? 'no-ip'
      : viewSegment(
          view,
          capture,
          frame.ipOffset,
          record.capturedLength - within,
          'headers',
          record.originalLength - within,
        );
    frame.segment = fault === undefined ? view : undefined;
    visit(frame);
  }
}

/** Where it begins, from the start of the frame; -1 when there is no TCP in it. */
function innermostIpv4(cursor: Cursor, capture: Uint8Array, record: CapturedPacket): number {
  const { offset, capturedLength, originalLength, linkType } = record;
  if (enterFrame(cursor, capture, offset, capturedLength, originalLength, linkType)) return -1;
  return unwrap(cursor) === 'tcp' ? cursor.at - offset : -1;
}
