/** What a copy begins with: the client's own SYN, or one made up for a connection that is joined later. */
import { seqAdd } from '../../wire/sequence';
import type { SegmentView } from '../../wire/segment';
import { readSynOptions } from '../../wire/tcp-options';
import { SEGMENT_BYTES_DEFAULT, type SynOptions } from '../sending/segment';

/** Shift of the window that a made-up SYN states: the copy throws everything away, so it takes all it is sent. */
const JOINED_WINDOW_SCALE = 7;

export interface Birth {
  readonly initialSequence: number;
  readonly synOptions: SynOptions;
  /** The client's SYN was not seen. */
  readonly joined: boolean;
}

/** @param segmentMax_bytes the largest payload that the path takes */
export function birthFromSyn(syn: SegmentView, segmentMax_bytes: number): Birth {
  const { maximumSegmentSize = SEGMENT_BYTES_DEFAULT, windowScale } = readSynOptions(
    syn.bytes,
    syn.tcpOffset,
  );
  return {
    initialSequence: syn.sequence,
    synOptions: shared(Math.min(maximumSegmentSize, segmentMax_bytes), windowScale),
    joined: false,
  };
}

/** A connection whose first copied byte has this sequence number. */
export const birthBefore = (sequence: number, segment_bytes: number): Birth => ({
  initialSequence: seqAdd(sequence, -1),
  synOptions: shared(segment_bytes, JOINED_WINDOW_SCALE),
  joined: true,
});

/** The clients of a server mostly state the same: then they share what they state. */
let latest: SynOptions = { maximumSegmentSize: SEGMENT_BYTES_DEFAULT, windowScale: undefined };

function shared(maximumSegmentSize: number, windowScale: number | undefined): SynOptions {
  if (latest.maximumSegmentSize !== maximumSegmentSize || latest.windowScale !== windowScale)
    latest = { maximumSegmentSize, windowScale };
  return latest;
}
