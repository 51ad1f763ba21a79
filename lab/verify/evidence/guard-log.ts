/** What tcpcopy has told of the guard in its log, one JSON object a line. */

/** Levels as tcpcopy has them: suspended copies go on by themselves, disarmed ones have been ended. */
export type GuardLevel = 'armed' | 'suspended' | 'disarmed';

export interface GuardSaid {
  readonly level: GuardLevel;
  /** Why it is not armed, of each intercept that is not. */
  readonly reasons: readonly string[];
  /** When it was said, as ISO 8601 has it. */
  readonly since: string;
}

const LEVELS: Readonly<Record<string, GuardLevel>> = {
  copying: 'armed',
  'guard suspended': 'suspended',
  'waiting for intercept': 'disarmed',
  'not copying': 'disarmed',
};

/** The events by which the level is told. */
export const guardEvents = Object.keys(LEVELS);

/** A line of the log that tells of the guard. */
export interface GuardLine {
  readonly level: GuardLevel;
  readonly reason: string | undefined;
  /** ISO 8601. */
  readonly time: string;
}

interface Line {
  readonly time: string;
  readonly event: string;
  readonly reason?: string;
}

/** @param log lines of the log, others among them; undefined when none tells of the guard */
export function guardInLog(log: string): GuardSaid | undefined {
  const told = guardLinesIn(log);
  const last = told.at(-1);
  if (!last) return undefined;
  // Of several intercepts each has a line, one behind the other.
  const from = told.findLastIndex(({ level }) => level !== last.level) + 1;
  const same = told.slice(from);
  const reasons = same.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
  return { level: last.level, reasons: [...new Set(reasons.slice(-4))], since: same[0]!.time };
}

/** In the order of the log. */
export function guardLinesIn(log: string): GuardLine[] {
  return log.split('\n').flatMap((text) => {
    const line = lineIn(text);
    const level = line && LEVELS[line.event];
    if (line === undefined || level === undefined) return [];
    return [{ level, reason: line.reason, time: line.time }];
  });
}

function lineIn(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
