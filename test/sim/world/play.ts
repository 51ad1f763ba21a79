/** One world from its plan to its verdict. */
import { Engine, type Engine as EngineType } from '../../../src/session/engine';
import { drawPlan } from './plan/draw';
import type { MakeOrphans } from './intercept';
import { sum, type WorldPlan } from './plan/plan';
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
    unread: unreadIn(world),
  };
}

function unreadIn({ host, tracks }: World): number {
  const unread = tracks.map(({ conversation }) => {
    const heard = host.programs.filter((program) => program.conversation === conversation);
    return conversation.requests.filter(
      ({ from, to }) =>
        !heard.some((program) => program.from < to && program.from + program.heard_bytes > from),
    ).length;
  });
  return sum(unread);
}

export const play = (seed: number, options?: PlayOptions): WorldReport => playPlan(drawPlan(seed), options);
