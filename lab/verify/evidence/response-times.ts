/** How fast the servers answered, as tcpcopy's log tells it of all that it has copied (docs/answers.md). */

interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Of a server and a transfer, since tcpcopy began; in milliseconds. */
export interface ServerTimes {
  readonly of: 'test server' | 'online server';
  /** Of the online server: what clients acknowledged are upper bounds. */
  readonly by?: 'packets' | 'acknowledgments';
  readonly transfer: string;
  readonly count: number;
  readonly first_byte_ms: Percentiles;
  readonly last_byte_ms: Percentiles;
  /** How far clocks may make the test server's times wrong; undefined where that is not known. */
  readonly clock_error_ms?: number;
}

/** The event of its lines; src/process/run.ts writes it, before those of counters. */
export const TIMES_EVENT = 'response times';

/** A line of the log; undefined when it is of something else. */
export function timesInLine(line: string): ServerTimes | undefined {
  if (!line.includes(`"event":"${TIMES_EVENT}"`) || !line.endsWith('}')) return undefined;
  const { of, by, transfer, count, first_byte_ms, last_byte_ms, clock_error_ms } = JSON.parse(
    line,
  ) as ServerTimes;
  return {
    of,
    ...(by !== undefined && { by }),
    transfer,
    count,
    first_byte_ms,
    last_byte_ms,
    ...(clock_error_ms !== undefined && { clock_error_ms }),
  };
}
