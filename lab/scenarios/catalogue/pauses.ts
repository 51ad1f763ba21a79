/** Programs that stand still for a while, as on a machine that is overloaded or was suspended. */
import type { ProgramPart } from '../stage/parts';
import { defineScenario, type Scenario } from '../stage/scenario';
import { DETECTION_MS, RESUMPTION_MS } from './limits';
import { ASLEEP, UNARMED } from './losses';

/** Longer than tcpcopy keeps sessions for an intercept that does not answer. */
const PAUSE_MS = 3_000;

const paused = (program: ProgramPart, teaches: string): Scenario =>
  defineScenario({
    name: `pause-${program}`,
    title: `${program} stands still (SIGSTOP) for ${PAUSE_MS / 1000} s, and goes on (SIGCONT)`,
    teaches,
    architecture: 'traditional',
    copying: {},
    expect: {
      copyingAfterwards: true,
      missing: program === 'tcpcopy' ? ASLEEP : UNARMED,
      resumesWithin_ms: RESUMPTION_MS,
      ...(program === 'intercept' && { detectsWithin_ms: DETECTION_MS }),
    },
    async play(stage) {
      await stage.wait(500);
      if (program === 'intercept') await stage.loseBy(stage.guardian, 'pkill -STOP -x intercept');
      else await stage.signalProgram(program, 'STOP');
      await stage.wait(PAUSE_MS);
      await stage.restore(() => stage.signalProgram(program, 'CONT'));
    },
  });

export const pauses: readonly Scenario[] = [
  paused('tcpcopy', 'A tcpcopy that wakes up knows that its proof is old, and asks again before it sends.'),
  paused('intercept', 'Silence of intercept stops the copy as its absence does; the queue holds what comes.'),
];
