/** How the copy stood at one moment, by what its nodes say. */
import type { RuleTable } from './iptables-save';

export interface CopyState {
  /** The test server's filter table. */
  readonly filter: RuleTable;
  /** Numbers of the queues that somebody has bound there. */
  readonly boundQueues: readonly number[];
  /** Command lines; undefined when the program does not run. */
  readonly intercept: string | undefined;
  readonly tcpcopy: string | undefined;
  /** Established connections between tcpcopy and intercept. */
  readonly controlConnections: number;
}

/** A program's own counters, as its log has them; undefined when it gave none. */
export type ProgramCounters = Readonly<Record<string, unknown>> | undefined;

export type ProgramName = 'tcpcopy' | 'intercept';

/** What every line of a log has. */
const LINE_FIELDS = new Set(['time', 'program', 'level', 'event']);

/** The last line of counters in a log of one JSON object a line, and how many such lines there are. */
export function countersInLog(log: string): { lines: number; counters: ProgramCounters } {
  const lines = log.split('\n').filter((line) => line.includes('"event":"counters"') && isWhole(line));
  const last = lines.at(-1);
  if (last === undefined) return { lines: 0, counters: undefined };
  const fields = Object.entries(JSON.parse(last) as Record<string, unknown>);
  const counters = Object.fromEntries(fields.filter(([name]) => !LINE_FIELDS.has(name)));
  return { lines: lines.length, counters };
}

/** The program may be writing the last line just now. */
function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Counters that grew, with by how much. */
export function growthOf(before: ProgramCounters, after: ProgramCounters): Record<string, number> {
  const growth: Record<string, number> = {};
  for (const [name, value] of Object.entries(after ?? {})) {
    const earlier = before?.[name];
    const grown = Number(value) - (typeof earlier === 'number' ? earlier : 0);
    if (typeof value === 'number' && grown > 0) growth[name] = grown;
  }
  return growth;
}
