/**
 * How one machine's clock stands to another's, by what passed between the two: nothing comes before it has left, which bounds the
 * difference from one side for each direction. The quickest passage of each bounds it best, as the quickest round trip does in
 * NTP (RFC 5905, section 10); the error is half of what lies between.
 */

/** Of a datagram, a question or an answer. */
export interface Passage {
  /** Names of machines. */
  readonly from: string;
  readonly to: string;
  /** Seconds since the epoch, by the clock of `from`: not before this it left. */
  readonly left: number;
  /** By the clock of `to`: not behind this it came. */
  readonly came: number;
}

export interface ClockReading {
  /** The other machine's clock less that of the one it is compared with. */
  readonly ahead_ms: number;
  /** `ahead_ms` is wrong by this at most. */
  readonly error_ms: number;
}

/** @returns undefined where nothing is known to have passed in one of the directions */
export function clockBetween(
  passages: readonly Passage[],
  reference: string,
  other: string,
): ClockReading | undefined {
  const differences_ms = (from: string, to: string): number[] =>
    passages
      .filter((one) => one.from === from && one.to === to)
      .map(({ left, came }) => (came - left) * 1000);
  const there_ms = differences_ms(reference, other);
  const back_ms = differences_ms(other, reference);
  if (there_ms.length === 0 || back_ms.length === 0) return undefined;
  const atMost_ms = Math.min(...there_ms);
  const atLeast_ms = -Math.min(...back_ms);
  // A clock that was set meanwhile has bounds that do not fit: what lies between is then what is not known.
  return { ahead_ms: (atLeast_ms + atMost_ms) / 2, error_ms: Math.abs(atMost_ms - atLeast_ms) / 2 };
}

/** What holds from the first reading to the last, where a clock goes one way in between; undefined of none. */
export function throughout(readings: readonly ClockReading[]): ClockReading | undefined {
  if (readings.length === 0) return undefined;
  const least_ms = Math.min(...readings.map(({ ahead_ms, error_ms }) => ahead_ms - error_ms));
  const most_ms = Math.max(...readings.map(({ ahead_ms, error_ms }) => ahead_ms + error_ms));
  return { ahead_ms: (least_ms + most_ms) / 2, error_ms: (most_ms - least_ms) / 2 };
}
