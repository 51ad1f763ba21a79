/**
 * How far the test server's response stream has come, known from headers only: the next offset expected, and the
 * ranges beyond it that came early.
 */

/** More separate holes than this are not remembered; the test server sends those bytes again. */
const EARLY_RANGES_MAX = 64;

interface Range {
  readonly from: number;
  readonly to: number;
}

export interface ResponseStream {
  /** The offset to acknowledge. Data begins at offset 1, behind the SYN. */
  responseNext: number;
  earlyResponses: readonly Range[];
}

/** Shared by all that have no holes. */
export const NONE_EARLY: readonly Range[] = [];

/** Bytes [from, to) came; a FIN counts as one. Returns false when they told nothing new or left a hole before them. */
export function received(stream: ResponseStream, from: number, to: number): boolean {
  if (to <= stream.responseNext) return false;
  if (from > stream.responseNext) {
    stream.earlyResponses = withRange(stream.earlyResponses, { from, to });
    return false;
  }
  stream.responseNext = to;
  if (stream.earlyResponses.length === 0) return true;
  stream.earlyResponses = stream.earlyResponses.filter((range) => {
    if (range.from > stream.responseNext) return true;
    stream.responseNext = Math.max(stream.responseNext, range.to);
    return false;
  });
  return true;
}

/** Ranges that touch become one, so that only holes count against the limit. */
function withRange(ranges: readonly Range[], range: Range): readonly Range[] {
  let { from, to } = range;
  const apart = ranges.filter((other) => {
    if (other.to < from || other.from > to) return true;
    from = Math.min(from, other.from);
    to = Math.max(to, other.to);
    return false;
  });
  const at = apart.findIndex((other) => other.from > from);
  apart.splice(at < 0 ? apart.length : at, 0, { from, to });
  if (apart.length > EARLY_RANGES_MAX) apart.pop();
  return apart;
}
