/** The rule of the traditional guard: removed, wrong, or too kind. */
import { defineScenario, type Scenario } from '../stage/scenario';
import type { Stage } from '../stage/stage';
import { DETECTION_MS, IN_FLIGHT_MS, RESUMPTION_MS } from './limits';
import { UNARMED } from './losses';

const ruleFor = (port: number): string => `OUTPUT -p tcp --sport ${port} -j NFQUEUE`;
const rule = ({ scene }: Stage): string => ruleFor(scene.test.port);
const edit = (stage: Stage, action: '-I' | '-D', words = rule(stage)): string =>
  stage.inTables((iptables) => `${iptables} -w ${action} ${words}`);
/** Of the guard the rule alone: what else it is made of stays. */
const exchange = (stage: Stage, from: string, to: string): Promise<string> =>
  stage.shell(stage.test, `${edit(stage, '-D', from)} && ${edit(stage, '-I', to)}`);

export const rules: readonly Scenario[] = [
  defineScenario({
    name: 'rule-removed',
    title: 'the rule is removed while copying, and put back after 1.5 s',
    teaches:
      'What is in flight gets out; the next canary is missed, and nothing more is sent until one is caught again.',
    architecture: 'traditional',
    rounds: 2,
    copying: {},
    expect: {
      leaksFor_ms: IN_FLIGHT_MS,
      copyingAfterwards: true,
      missing: UNARMED,
      detectsWithin_ms: DETECTION_MS,
      resumesWithin_ms: RESUMPTION_MS,
    },
    async play(stage) {
      await stage.wait(stage.random.between(300, 1_300));
      await stage.loseBy(stage.test, edit(stage, '-D'));
      await stage.wait(1_500);
      await stage.restore(() => stage.shell(stage.test, edit(stage, '-I')));
    },
  }),
  defineScenario({
    name: 'rule-wrong-port',
    title: 'the rule is for the port of the online server, until it is corrected',
    teaches: 'The rule needs the port of the test server: until it has that, nothing is sent.',
    architecture: 'traditional',
    expect: { copyingAfterwards: true, missing: UNARMED, resumesWithin_ms: RESUMPTION_MS },
    async play(stage) {
      const wrong = ruleFor(stage.scene.online.port);
      await stage.start('guard');
      await exchange(stage, rule(stage), wrong);
      await stage.start('intercept');
      await stage.start('tcpcopy');
      await stage.wait(1_500);
      await stage.restore(() => exchange(stage, wrong, rule(stage)));
    },
  }),
  defineScenario({
    name: 'queue-bypass',
    title: 'the rule has --queue-bypass, and intercept is killed (-9)',
    teaches:
      'With --queue-bypass the queue lets everything out when nobody listens: only what was in flight, here.',
    architecture: 'traditional',
    expect: {
      leaksFor_ms: IN_FLIGHT_MS,
      copyingAfterwards: true,
      missing: UNARMED,
      detectsWithin_ms: DETECTION_MS,
      resumesWithin_ms: RESUMPTION_MS,
    },
    async play(stage) {
      const bypassed = `${rule(stage)} --queue-bypass`;
      await stage.start('guard');
      await exchange(stage, rule(stage), bypassed);
      await stage.start('intercept');
      await stage.start('tcpcopy');
      await stage.wait(1_500);
      await stage.loseBy(stage.test, 'pkill -KILL -x intercept');
      await stage.wait(1_000);
      await exchange(stage, bypassed, rule(stage));
      await stage.restore(() => stage.start('intercept'));
    },
  }),
];
