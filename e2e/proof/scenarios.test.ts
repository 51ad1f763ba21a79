import { expect, test } from '@jest/globals';
import { runClean } from '../../lab/scenarios/clean';
import { scenarios } from '../../lab/scenarios/catalogue/all';
import { plantedLeaks } from '../../lab/scenarios/planted/planted';
import { runPlanted } from '../../lab/scenarios/planted/run-planted';
import { runScenarios } from '../../lab/scenarios/run';
import type { Scenario } from '../../lab/scenarios/stage/scenario';
import { watchLives } from '../../lab/scenarios/whole-life';
import { around } from '../stage/around';
import { drawing, drawnFrom } from '../stage/drawn';

const named = (name: string): Scenario => scenarios.find((scenario) => scenario.name === name)!;

test('a scenario whose expectation is broken fails', async () => {
  const neverBack: Scenario = {
    ...named('start-rule-intercept-tcpcopy'),
    name: 'never-back',
    expect: { copyingAfterwards: true, missing: 'none', resumesWithin_ms: 2_000 },
    play: async (stage) => {
      await stage.start('guard');
      await stage.start('intercept');
      await stage.restore(() => stage.start('tcpcopy'));
    },
  };
  const [result] = await runScenarios([neverBack], { ...around, rounds: 1 });
  expect(result).toMatchObject({ scenario: 'never-back', verdict: 'fail', leaked: 0 });
  expect(result!.reasons[0]).toMatch(/requests? missing; the first: lab\//);
});

test('a copy may be started in any order, and one whose rule intercept puts there itself also stopped, and one may be killed', async () => {
  const playable = scenarios.filter(({ name }) =>
    /^((start|stop)-guarded-|kill-tcpcopy$|start-rule-intercept-tcpcopy$)/.test(name),
  );
  const chosen = drawnFrom(playable, 1, ({ name }) => name);
  const results = await runScenarios(chosen, { ...around, rounds: 1 });
  expect(results.map(({ scenario, reasons, leaked }) => ({ scenario, reasons, leaked }))).toEqual(
    chosen.map(({ name }) => ({ scenario: name, reasons: [], leaked: 0 })),
  );
});

const detector = drawing('looks at the detector', 1);

detector('a scenario that takes its guard away is caught leaking', async () => {
  const careless: Scenario = {
    ...named('rule-removed'),
    name: 'careless',
    expect: { copyingAfterwards: false, missing: 'while-away' },
    // tcpcopy stops within moments: whether responses slip until then is chance, so the client is answered for sure.
    play: async (stage) => {
      await stage.wait(500);
      await stage.loseBy(stage.test, 'iptables -w -D OUTPUT -p tcp --sport 8080 -j NFQUEUE');
      await stage.shell(stage.client, 'curl -s -m 5 -o /dev/null http://test:8080/');
    },
  };
  const [result] = await runScenarios([careless], { ...around, rounds: 1 });
  expect(result!.verdict).toBe('fail');
  expect(result!.leaked).toBeGreaterThan(0);
  expect(result!.reasons[0]).toMatch(/got past the guard, \d+ ms after the guard was lost/);
});

detector('planted leaks are found under their names', async () => {
  // Those of the family that the lab has.
  const playable = plantedLeaks.filter(({ family = 4 }) => family === 4);
  const chosen = drawnFrom(playable, 2, ({ name }) => name);
  const results = await runPlanted(chosen, around);
  expect(results.map(({ planted, verdict }) => `${planted}: ${verdict}`).toSorted()).toEqual(
    chosen.map(({ name }) => `${name}: pass`).toSorted(),
  );
});

detector('clean runs report nothing', async () => {
  const results = await runClean({ ...around, rounds: 2 });
  expect(results.map(({ verdict, reasons }) => ({ verdict, reasons }))).toEqual(
    Array.from({ length: 2 }, () => ({ verdict: 'pass', reasons: [] })),
  );
});

detector('labs leak nothing from before their first node is there to after their last is gone', async () => {
  const results = await watchLives(around);
  expect(results.map(({ architecture, verdict, reasons }) => ({ architecture, verdict, reasons }))).toEqual([
    { architecture: 'traditional', verdict: 'pass', reasons: [] },
    { architecture: 'data-link', verdict: 'pass', reasons: [] },
  ]);
});

detector.play();
