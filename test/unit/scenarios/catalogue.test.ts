import { scenarios } from '../../../lab/scenarios/catalogue/all';
import { permutations } from '../../../lab/scenarios/stage/permutations';
import { plantedLeaks } from '../../../lab/scenarios/planted/planted';
import { resultOf } from '../../../lab/scenarios/planted/run-planted';
import { defineScenario } from '../../../lab/scenarios/stage/scenario';
import { judge } from '../../../lab/verify/judge';
import { evidenceOf, healthyLab } from '../verify/world/lab';
import { arpRequest, tcp } from '../verify/world/frames';
import { CLIENT, TEST } from '../verify/world/scene';

const names = scenarios.map(({ name }) => name);

test('permutations are all orders, each once', () => {
  const orders = permutations(['a', 'b', 'c']).map((order) => order.join(''));
  expect(orders.toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
});

test('every scenario has a name of its own', () => {
  expect(new Set(names).size).toBe(names.length);
});

test.each(['start', 'start-data-link', 'stop', 'stop-data-link'])(
  '%s: there are all six orders',
  (prefix) => {
    const guard = prefix.endsWith('link') ? 'route' : 'rule';
    const orders = permutations([guard, 'intercept', 'tcpcopy']).map((order) => [prefix, ...order].join('-'));
    expect(names).toEqual(expect.arrayContaining(orders));
  },
);

test('only where the guard is taken away while copying may anything get out', () => {
  const permitted = scenarios.filter(({ expect: { leaksFor_ms } }) => leaksFor_ms !== undefined);
  expect(permitted.map(({ name }) => name).toSorted()).toEqual([
    'assistant-forwards',
    'queue-bypass',
    'rule-removed',
  ]);
});

test('a scenario with a wrong name, or an expectation that contradicts itself, is refused', () => {
  const [one] = scenarios;
  expect(() => defineScenario({ ...one!, name: 'Not a name' })).toThrow(/cannot be a scenario's name/);
  const expectation = { ...one!.expect, copyingAfterwards: false, resumesWithin_ms: 1 };
  expect(() => defineScenario({ ...one!, expect: expectation })).toThrow(
    /expects copying to go on, and not to/,
  );
});

describe('planted leaks', () => {
  const verified = (...leaked: ReturnType<typeof tcp>[]) =>
    judge(evidenceOf({ ...healthyLab('http', 7, 40), leaked }));
  const planted = (name: string) => plantedLeaks.find((leak) => leak.name === name)!;

  test('are of at least fifteen kinds, each with a name of its own', () => {
    expect(new Set(plantedLeaks.map(({ name }) => name)).size).toBe(plantedLeaks.length);
    expect(plantedLeaks.length).toBeGreaterThanOrEqual(15);
  });

  test('are found when the verification fails for them, under their name', () => {
    const verification = verified(tcp(TEST, CLIENT));
    expect(resultOf(planted('one acknowledgment'), verification)).toMatchObject({
      verdict: 'pass',
      leaked: 1,
    });
    expect(resultOf(planted('one reset'), verification)).toMatchObject({
      verdict: 'fail',
      told: ['acknowledgment'],
    });
    expect(resultOf(planted('one reset'), verified()).verdict).toBe('fail');
  });

  test('that carry nothing are found when they are told', () => {
    const leak = planted('an ARP request for a client');
    expect(resultOf(leak, verified(arpRequest('198.18.10.30', '198.18.10.10'))).verdict).toBe('pass');
    expect(resultOf(leak, verified()).verdict).toBe('fail');
  });
});
