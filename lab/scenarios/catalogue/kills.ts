/** Programs that die, at a moment that chance chooses. */
import type { ProgramPart } from '../stage/parts';
import { defineScenario, type Architecture, type Scenario } from '../stage/scenario';
import { RESUMPTION_MS } from './limits';
import { UNARMED } from './losses';

const ROUNDS = 3;

const killed = (architecture: Architecture, program: ProgramPart, teaches: string): Scenario =>
  defineScenario({
    name: `${architecture === 'traditional' ? '' : 'data-link-'}kill-${program}`,
    title: `${program} is killed (-9) while copying, and started again`,
    teaches,
    architecture,
    rounds: ROUNDS,
    copying: {},
    expect: {
      copyingAfterwards: true,
      missing: program === 'tcpcopy' ? 'while-away' : UNARMED,
      resumesWithin_ms: RESUMPTION_MS,
    },
    async play(stage) {
      await stage.wait(stage.random.between(0, 1_500));
      await stage.signalProgram(program, 'KILL');
      await stage.wait(stage.random.between(0, 2_500));
      await stage.restore(() => stage.start(program));
    },
  });

const DEAD_TCPCOPY =
  'What a dead tcpcopy has open on the test server is buried, and cannot answer anybody later.';
const DEAD_INTERCEPT =
  'Without intercept the guard drops everything, and a new intercept takes over what tcpcopy has open.';

export const kills: readonly Scenario[] = [
  ...(['traditional', 'data-link'] as const).flatMap((architecture) => [
    killed(architecture, 'tcpcopy', DEAD_TCPCOPY),
    killed(architecture, 'intercept', DEAD_INTERCEPT),
  ]),
  defineScenario({
    name: 'kill-tcpcopy-and-take-down',
    title: 'tcpcopy is killed (-9), then intercept stopped, then the rule removed',
    teaches:
      'Connections that outlive their tcpcopy would send their answers again to real clients: they are ended first.',
    architecture: 'traditional',
    rounds: ROUNDS,
    copying: {},
    expect: { copyingAfterwards: false, missing: 'while-away' },
    async play(stage) {
      await stage.wait(stage.random.between(200, 1_500));
      await stage.signalProgram('tcpcopy', 'KILL');
      await stage.stop('intercept');
      await stage.stop('guard');
    },
  }),
];
