/** Requests that tcpcopy told to be in doubt: the test server ended their connection before it answered. */

/** What its log and its counters say of them. */
export interface Doubt {
  readonly words: readonly DoubtfulWords[];
  /** Requests, by its counter: the log names the first of them only. */
  readonly told: number;
}

/** Words of a client, as it said them to the online server. */
export interface DoubtfulWords {
  /** The client's end, as `address:port`. */
  readonly client: string;
  /** Requests that they are, as far as is known without a protocol. */
  readonly count: number;
  /** The client's sequence number of their first byte. */
  readonly sequence: number;
  readonly bytes: number;
}

export const NO_DOUBT: Doubt = { words: [], told: 0 };

/** Requests that are in doubt, and that the log does not name. */
export const unnamedIn = ({ told, words }: Doubt): number =>
  Math.max(0, told - words.reduce((sum, { count }) => sum + count, 0));

/** The event of its line; src/tcpcopy/copying/behind-log.ts writes it. */
export const DOUBT_EVENT = 'requests in doubt';

/** @param log one JSON object a line; the last one may not be whole */
export function doubtfulInLog(log: string): DoubtfulWords[] {
  return log.split('\n').flatMap((line) => {
    if (!line.includes(`"event":"${DOUBT_EVENT}"`) || !line.endsWith('}')) return [];
    const { client, count, sequence, bytes } = JSON.parse(line) as DoubtfulWords;
    return [{ client, count, sequence, bytes }];
  });
}
