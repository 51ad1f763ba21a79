import type { ChecksumFinding } from '../../wire/segment-checksum';
import type { SegmentView } from '../../wire/segment';
import type { ChecksumEvidence } from './checksum-evidence';

/** What a client said, as it stands in a capture; borrowed until the next one is asked for. */
export interface CapturedSegment {
  readonly view: SegmentView;
  /** Seconds since the epoch; undefined where the capture does not tell. */
  readonly timestamp: number | undefined;
  /** The lowest timestamp of the packets between the segment before and this one; Infinity where there are none. */
  readonly lowestBefore: number;
  readonly checksum: ChecksumFinding;
  /** Of the segments of the same direction. */
  readonly evidence: ChecksumEvidence;
}

/** Where they come from, in the order in which they were captured. */
export interface SegmentSource {
  /** Undefined when more must be read first. */
  next(): CapturedSegment | undefined;
  /** The lowest timestamp of the packets since the last segment; Infinity where there are none. */
  readonly lowestSince: number;
  /** Reads on. @returns false when nothing more comes */
  read(): Promise<boolean>;
}
