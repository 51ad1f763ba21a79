/** How the copy stood at one moment, by what its nodes say. */
import type { Family } from '../../../src/wire/address/address';
import type { RuleSet } from '../../../src/firewall/iptables-save';
import { timesInLine, type ServerTimes } from './response-times';
import type { RoutingState } from './routing-state';

export interface CopyState {
  /** Of the test server, for each family. */
  readonly rules: Readonly<Record<Family, RuleSet>>;
  /** Numbers of the queues that somebody has bound there. */
  readonly boundQueues: readonly number[];
  /** Of a data-link copy. */
  readonly routing: RoutingState | undefined;
  /** Command lines; undefined when the program does not run, or on one of the assistants does not. */
  readonly intercept: string | undefined;
  readonly tcpcopy: string | undefined;
  /** Established connections of tcpcopy to intercepts. */
  readonly controlConnections: number;
}

/** A program's own counters, as its log has them; undefined when it gave none. */
export type ProgramCounters = Readonly<Record<string, unknown>> | undefined;

/** What tcpcopy said of response times with its last counters: the lines right before them. */
export function timesInLog(log: string): ServerTimes[] {
  const lines = log.split('\n');
  const last = lines.findLastIndex((one) => one.includes('"event":"counters"') && isWhole(one));
  const times: ServerTimes[] = [];
  for (let at = last - 1; at >= 0; at -= 1) {
    const one = timesInLine(lines[at]!);
    if (!one) break;
    times.unshift(one);
  }
  return times;
}

export type ProgramName = 'tcpcopy' | 'intercept';

/** What every line of a log has. */
const LINE_FIELDS = new Set(['time', 'program', 'level', 'event']);

/** The last line of counters among lines of a log, each a JSON object; undefined when there is none. */
export function countersInLog(log: string): ProgramCounters {
  const line = log.split('\n').findLast((one) => one.includes('"event":"counters"') && isWhole(one));
  if (line === undefined) return undefined;
  const fields = Object.entries(JSON.parse(line) as Record<string, unknown>);
  return Object.fromEntries(fields.filter(([name]) => !LINE_FIELDS.has(name)));
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

/** Of several programs together; undefined when one of them gave none. */
export function summed(all: readonly ProgramCounters[]): ProgramCounters {
  const sums: Record<string, unknown> = {};
  for (const counters of all) {
    if (!counters) return undefined;
    for (const [name, value] of Object.entries(counters)) {
      const sum = sums[name];
      sums[name] = typeof value === 'number' && typeof sum === 'number' ? sum + value : value;
    }
  }
  return sums;
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
