/** The checks that lessons are made of. */
import { causesIn } from '../../doctor/examine-lab';
import { ACCESS_LOG } from '../../verify/collect/records';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureFileError } from '../../../src/wire/capture/capture-file';
import { labelsOf, sightingsIn, type Sighting } from '../pictures/arrows';
import { filled, type Places, type Words } from '../words/language';
import type { Check, Seen } from './check';
import type { Look } from './classroom';

const check = (holds: Words, ask: Check['ask']): Check => ({ holds, ask });

/** A line of shell in a node, whose output must match. */
export const says = (holds: Words, node: string, line: string, pattern: RegExp): Check =>
  check(holds, async (look) => {
    const { said } = await look.shell(node, filled(line, look.room.places));
    return { held: pattern.test(said), seen: said === '' ? '(nothing)' : lastLines(said) };
  });

/** A server's own log has requests for the path, so many at least (or, with 0, none). */
export const logged = (node: string, path: string, times = 1): Check =>
  check(
    times === 0
      ? { en: `${path} is not in the log of ${node}`, zh: `${node} 的日志里没有 ${path}` }
      : times === 1
        ? { en: `${path} is in the log of ${node}`, zh: `${node} 的日志里有 ${path}` }
        : {
            en: `${path} is in the log of ${node} ${times} times`,
            zh: `${node} 的日志里有 ${times} 次 ${path}`,
          },
    async (look) => {
      // What is under way may still come.
      if (times === 0) await sleep(UNDER_WAY_MS);
      const found = await timesLogged(look, node, path);
      return { held: times === 0 ? found === 0 : found >= times, seen: `${found} × ${path}` };
    },
  );

const UNDER_WAY_MS = 300;

export async function timesLogged(look: Look, node: string, path: string): Promise<number> {
  return Number((await look.shell(node, `grep -c '^${path} ' ${ACCESS_LOG}`)).said.split('\n')[0]);
}

/** No finding of verify about the guard: every response of the copied port is caught first, and somebody listens. */
export const guarded = (holds: Words): Check =>
  check(holds, async (look) => {
    const faults = (await look.findings()).filter((code) => OF_GUARDS.test(code));
    return { held: faults.length === 0, seen: faults.length === 0 ? 'no finding' : faults.join(', ') };
  });

const OF_GUARDS = /^(guard|route|black-hole|assistant|redirects)-/;

/** verify's findings about the set-up have this code among them. */
export const found = (holds: Words, code: string): Check =>
  check(holds, async (look) => {
    const codes = await look.findings();
    return { held: codes.includes(code), seen: codes.join(', ') || 'no finding' };
  });

/** What runs as the program has these options. */
export const runs = (program: 'tcpcopy' | 'intercept', options = /./): Check =>
  check({ en: `${program} runs`, zh: `${program} 正在运行` }, async (look) => {
    const line = (await look.state())[program];
    return { held: line !== undefined && options.test(line), seen: line ?? `${program} does not run` };
  });

export const gone = (program: 'tcpcopy' | 'intercept'): Check =>
  check({ en: `${program} does not run`, zh: `${program} 没有运行` }, async (look) => {
    const line = (await look.state())[program];
    return { held: line === undefined, seen: line ?? `${program} does not run` };
  });

/** Whether tcpcopy sends: every intercept is connected, and has proven its guard a moment ago. */
export const armed = (wanted: boolean): Check =>
  check(
    wanted
      ? { en: 'tcpcopy copies: the guard is proven', zh: 'tcpcopy 正在复制：防线已得到证明' }
      : { en: 'tcpcopy sends nothing: the guard is not proven', zh: 'tcpcopy 什么也不发：防线没有得到证明' },
    async (look) => {
      const counters = await look.counters(look.room.scene.online.name, 'tcpcopy');
      if (counters === undefined) return { held: false, seen: 'tcpcopy does not run' };
      const is = counters['armed'] === 1;
      return { held: is === wanted, seen: `armed ${String(counters['armed'])}` };
    },
  );

/** A counter has come this far. */
export const counts = (holds: Words, { node, program, counter, least }: CounterAsked): Check =>
  check(holds, async (look): Promise<Seen> => {
    const value = (await look.counters(node, program))?.[counter];
    const held = typeof value === 'number' && value >= least;
    return { held, seen: `${counter} ${typeof value === 'number' ? value : '(none)'}` };
  });

export interface CounterAsked {
  readonly node: string;
  readonly program: 'tcpcopy' | 'intercept';
  readonly counter: string;
  readonly least: number;
}

/** The doctors name this cause, as `<node>: <cause>`; or, without one, nothing at all. */
export const diagnosed = (holds: Words, cause?: string): Check =>
  check(holds, async (look) => {
    const causes = causesIn(await look.examination());
    const held = cause === undefined ? causes.length === 0 : causes.includes(cause);
    return { held, seen: causes.join(', ') || 'nothing is wrong' };
  });

const LINES_MAX = 4;
const lastLines = (text: string): string => text.split('\n').slice(-LINES_MAX).join('\n');

/** A capture file in a node has the segments that were to be recorded. */
export const recorded = (holds: Words, { node, file, has }: Recording): Check =>
  check(holds, async ({ room }) => {
    const { exitCode, stdout } = await room.lab.node(node).exec(['cat', file]);
    if (exitCode !== 0) return { held: false, seen: `there is no ${file} on ${node}` };
    const sightings = readable(stdout);
    if (!sightings) return { held: false, seen: `${file} is no whole capture` };
    const seen = labelsOf(sightings).slice(0, LINES_MAX).join('; ') || 'no TCP segment';
    return { held: has(sightings, room.places), seen };
  });

export interface Recording {
  readonly node: string;
  readonly file: string;
  readonly has: (sightings: readonly Sighting[], places: Places) => boolean;
}

/** tcpdump may be writing just now. */
function readable(capture: Uint8Array): Sighting[] | undefined {
  try {
    return sightingsIn(capture);
  } catch (error) {
    if (error instanceof CaptureFileError) return undefined;
    throw error;
  }
}
