/** One world from its plan to its verdict. */
import { Engine, type Engine as EngineType } from '../../../src/session/engine';
import { drawPlan } from './plan/draw';
import type { MakeOrphans } from './intercept';
import type { WorldPlan } from './plan/plan';
import { judge } from './verdict';
import { World, type MakeEngine } from './world';

export interface WorldReport {
  readonly plan: WorldPlan;
  /** Properties that did not hold, as sentences. */
  readonly violations: readonly string[];
  readonly counters: EngineType['counters'];
  readonly finishedAt_ms: number;
  /** Requests of which the test server read nothing. */
  readonly unread: number;
  /** Of these, such as were not told to be in doubt either. */
  readonly untold: number;
}

export interface PlayOptions {
  readonly makeEngine?: MakeEngine;
  readonly makeOrphans?: MakeOrphans;
  /** Told of every segment. */
  readonly trace?: (line: string) => void;
}

const soundEngine: MakeEngine = (options, outputs) => new Engine(options, outputs);

export function playPlan(
  plan: WorldPlan,
  { makeEngine = soundEngine, makeOrphans, trace }: PlayOptions = {},
): WorldReport {
  const world = new World(plan, makeEngine, makeOrphans);
  world.trace = trace;
  let problem: string | undefined;
  try {
    world.run();
    judge(world);
  } catch (error) {
    problem = `something threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  return {
    plan,
    violations: problem === undefined ? world.violations : [...world.violations, problem],
    counters: world.engine.counters,
    finishedAt_ms: world.agenda.now_ms,
    ...lostIn(world),
  };
}

function lostIn({ host, tracks }: World): Pick<WorldReport, 'unread' | 'untold'> {
  let [unread, untold] = [0, 0];
  for (const { conversation, doubtful } of tracks) {
    const heard = host.programs.filter((program) => program.conversation === conversation);
    const read = heard.map(({ from, heard_bytes }) => ({ from, to: from + heard_bytes }));
    for (const request of conversation.requests) {
      if (read.some(({ from, to }) => from < request.to && to > request.from)) continue;
      unread += 1;
      if (!doubtful.some(({ from, to }) => from <= request.from && request.from < to)) untold += 1;
    }
  }
  return { unread, untold };
}

export const play = (seed: number, options?: PlayOptions): WorldReport => playPlan(drawPlan(seed), options);
