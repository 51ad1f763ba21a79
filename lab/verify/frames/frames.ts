/** The frames of a capture file, one after the other, as views over its bytes. */
import { packetsIn } from '../../../src/wire/capture/capture-file';
import type { CapturedPacket } from '../../../src/wire/capture/capture-format';
import { IPV4_HEADER_MIN_BYTES } from '../../../src/wire/ip/ipv4';
import { emptyCursor, type Cursor } from '../../../src/wire/encapsulation/cursor';
import { unwrap } from '../../../src/wire/encapsulation/unwrap';
import { enterFrame, ipv4OffsetInFrame, LINKTYPE } from '../../../src/wire/encapsulation/link';
import { emptySegmentView, viewSegment, type SegmentView } from '../../../src/wire/segment';
import { ETHERTYPE_IPV6, ethernetPayload } from './ethernet';
import type { Frame } from './frame';
import { ipv6PacketAt, viewIpv6Segment } from './ipv6';

export type { Frame };

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
    if (within < 0) {
      readIpv6(frame, view, record);
      visit(frame);
      continue;
    }
    const hasHeader = within + IPV4_HEADER_MIN_BYTES <= record.capturedLength;
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

const RAW = new Set<number>([LINKTYPE.raw, LINKTYPE.rawOfLinux, LINKTYPE.rawOfOpenBsd, LINKTYPE.ipv6]);

/** Finds the IPv6 packet of a frame, and its segment. */
function readIpv6(
  frame: Frame,
  view: SegmentView,
  { offset, capturedLength, originalLength }: CapturedPacket,
): void {
  const payload = ethernetPayload(frame);
  const isIpv6 = RAW.has(frame.linkType) || payload?.type === ETHERTYPE_IPV6;
  const at = RAW.has(frame.linkType) || !payload ? offset : payload.view.byteOffset - frame.bytes.byteOffset;
  const packet = isIpv6 ? ipv6PacketAt(frame.bytes, at, offset + capturedLength) : undefined;
  frame.ipOffset = packet ? at : -1;
  const isSegment = packet && viewIpv6Segment(view, frame.bytes, packet, offset + originalLength);
  frame.segment = isSegment ? view : undefined;
}

/** Where it begins, from the start of the frame; -1 when there is no TCP in it. */
function innermostIpv4(cursor: Cursor, capture: Uint8Array, record: CapturedPacket): number {
  const { offset, capturedLength, originalLength, linkType } = record;
  if (enterFrame(cursor, capture, offset, capturedLength, originalLength, linkType)) return -1;
  return unwrap(cursor) === 'tcp' ? cursor.at - offset : -1;
}
