import type { ScenarioEvidence } from '../../../lab/scenarios/judgement/evidence';
import { judgeScenario } from '../../../lab/scenarios/judgement/judge';
import { leakedFrames } from '../../../lab/verify/leaks/leaks';
import { defineScenario, type Expectation } from '../../../lab/scenarios/stage/scenario';
import { SYN, ACK } from '../../../src/wire/tcp';
import { evidenceOf, healthyLab, type Lab } from '../verify/world/lab';
import { arpRequest, capture, tcp } from '../verify/world/frames';
import { acrossEngines } from '../verify/world/across';
import { CLIENT, TEST } from '../verify/world/scene';
import { withClockOf } from '../verify/world/shifted';

const world = healthyLab('http', 7, 40);
const leak = tcp(TEST, CLIENT, { flags: SYN | ACK });
/** Seconds: when the captures of the world begin. */
const BEGIN = 1_700_000_000;
const at = (time: number) => ({ begun: time, done: time });

function evidence(lab: Lab = world, changes: Partial<ScenarioEvidence> = {}): ScenarioEvidence {
  const { scene, taps, kernelCounts, loads, direct } = evidenceOf(lab);
  const { profile } = lab;
  return {
    scene,
    taps,
    kernelCounts,
    run: profile.run,
    steady: { profile, loads, directPorts: direct.ports },
    after: undefined,
    moments: { lost: undefined, restored: undefined },
    counters: { 'segments_dropped_not-armed': 0 },
    left: [],
    failure: undefined,
    logs: {},
    ...changes,
  };
}

const judged = (given: ScenarioEvidence, expect: Partial<Expectation> = {}) =>
  judgeScenario(
    defineScenario({
      name: 'a-scenario',
      title: 'something happens',
      teaches: 'Something.',
      architecture: 'traditional',
      expect: { copyingAfterwards: false, missing: 'none', ...expect },
      play: () => Promise.resolve(),
    }),
    { round: 1, seed: 7 },
    given,
  );

const incomplete: Lab = { ...world, test: world.test.slice(1) };
const leaky: Lab = { ...world, leaked: [leak] };

test('what is as expected passes, and its figures are told', () => {
  expect(judged(evidence())).toEqual({
    scenario: 'a-scenario',
    round: 1,
    seed: 7,
    verdict: 'pass',
    reasons: [],
    leaked: 0,
    exposures: 0,
    missing: 0,
    doubled: 0,
    detect_ms: undefined,
    resume_ms: undefined,
  });
});

describe('a leaked frame', () => {
  test('fails a scenario whose guard stands, and is named', () => {
    const { verdict, reasons, leaked } = judged(evidence(leaky));
    expect({ verdict, leaked }).toEqual({ verdict: 'fail', leaked: 1 });
    expect(reasons[0]).toMatch(
      /^1 frame got past the guard; the first \(syn-ack\): IP 198\.18\.10\.30:8080 > /,
    );
  });

  test('is excused for as long after the loss of the guard as the scenario says, and no longer', () => {
    const given = evidence(leaky);
    const { time } = leakedFrames(given.taps, given.scene, given.steady.directPorts)[0]!;
    const lostBefore = (ms: number) => ({
      ...given,
      moments: { lost: at(time - ms / 1_000), restored: undefined },
    });
    expect(judged(lostBefore(100), { leaksFor_ms: 150 }).reasons).toEqual([]);
    expect(judged(lostBefore(200), { leaksFor_ms: 150 }).reasons[0]).toMatch(
      /200 ms after the guard was lost/,
    );
    expect(judged(lostBefore(-100), { leaksFor_ms: 150 }).verdict).toBe('fail');
    expect(judged(lostBefore(100)).verdict).toBe('fail');
  });
});

describe('missing requests', () => {
  const dropped = { 'segments_dropped_not-armed': 3 };

  test('fail a scenario that allows none', () => {
    const { missing, reasons } = judged(evidence(incomplete));
    expect(missing).toBeGreaterThan(0);
    expect(reasons[0]).toMatch(/missing; the first: lab\/abcd1234\//);
  });

  test('pass where nobody was there to copy them', () => {
    expect(judged(evidence(incomplete), { missing: 'while-away' }).reasons).toEqual([]);
  });

  test('pass only under a counter that the scenario names', () => {
    const expect_ = { missing: ['segments_dropped_not-armed'] };
    expect(judged(evidence(incomplete, { counters: dropped }), expect_).reasons).toEqual([]);
    expect(judged(evidence(incomplete), expect_).reasons[0]).toMatch(/none of tcpcopy's counters/);
    expect(judged(evidence(incomplete, { counters: undefined }), expect_).verdict).toBe('fail');
  });

  test('after the disturbance always fail', () => {
    const given = evidence(incomplete);
    const { reasons } = judged({ ...given, after: given.steady }, { missing: 'while-away' });
    expect(reasons[0]).toMatch(/missing after the disturbance/);
  });
});

test('requests that arrive twice fail every scenario', () => {
  const twice: Lab = { ...world, test: [...world.test, { ...world.test[0]!, client: '198.18.10.10:61000' }] };
  const { doubled, reasons } = judged(evidence(twice), { missing: 'while-away' });
  expect(doubled).toBeGreaterThan(0);
  expect(reasons.join()).toMatch(/duplicated while the disturbance lasted/);
});

test('copying that does not go on in time fails', () => {
  const moments = { lost: undefined, restored: at(BEGIN + 3_600) };
  const expect_ = { copyingAfterwards: true, resumesWithin_ms: 2_000 };
  expect(judged(evidence(world, { moments }), expect_).reasons).toEqual([
    'copying did not go on when all was as it should be; at most 2000 ms',
  ]);
});

test('copies that are sent for too long after the loss of the guard fail', () => {
  const moments = { lost: at(BEGIN), restored: undefined };
  const { detect_ms, reasons } = judged(evidence(world, { moments }), { detectsWithin_ms: 10 });
  expect(detect_ms).toBeGreaterThan(10);
  expect(reasons[0]).toMatch(/copies were sent until \d+ ms after the guard was lost; at most 10 ms/);
});

test('a connection that outlived its copy fails', () => {
  const { reasons } = judged(evidence(world, { left: ['ESTAB 0 0 198.18.10.30:8080 198.18.10.10:40000'] }));
  expect(reasons).toEqual([
    'a copied connection outlived its copy on test: ESTAB 0 0 198.18.10.30:8080 198.18.10.10:40000',
  ]);
});

test('a scenario that could not be carried out fails, with the reason', () => {
  expect(judged(evidence(world, { failure: 'nothing was copied' })).reasons).toEqual(['nothing was copied']);
});

test('a kernel that counted more than its tap saw is no evidence, unless it had asked for an address in vain', () => {
  const more = (lab: Lab): ScenarioEvidence => {
    const given = evidence(lab);
    const kernelCounts = given.kernelCounts.map((count) =>
      count.watch.hook === 'POSTROUTING' && count.watch.id === 'responses'
        ? { ...count, tapStillRuns: count.tapStillRuns + 3, afterTap: count.afterTap + 3 }
        : count,
    );
    return { ...given, kernelCounts };
  };
  expect(judged(more(world)).reasons.join()).toMatch(/^evidence-disagrees: On test the kernel counted/);
  const asking: Lab = { ...world, leaked: [arpRequest('198.18.10.30', '198.18.10.10')] };
  expect(judged(more(asking))).toMatchObject({ verdict: 'pass', exposures: 1 });
});

test('a blind tap is no evidence', () => {
  const given = evidence();
  const taps = given.taps.map((tap) =>
    tap.name === 'test elsewhere' ? { ...tap, capture: capture([]) } : tap,
  );
  expect(judged({ ...given, taps }).reasons.join()).toMatch(/tap-blind: Tap test elsewhere/);
  expect(judged({ ...given, taps: given.taps.slice(0, -2) }).reasons.join()).toMatch(
    /no tap on the other devices of test.*no tap on the bridge of lan/,
  );
});

test.each([0, 40, -40])(
  'across machines the loss is told by one clock, also where its own is %d s ahead',
  (ahead_s) => {
    const given = evidence(world);
    const taps = withClockOf('b', ahead_s, acrossEngines(given.taps, given.run));
    const expected = judged(
      evidence(world, { moments: { lost: at(BEGIN), restored: undefined } }),
    ).detect_ms!;
    const lost = { ...at(BEGIN + ahead_s), engine: 'b' };
    const { detect_ms } = judged({ ...given, taps, moments: { lost, restored: undefined } });
    expect(expected).toBeGreaterThan(10);
    expect(Math.abs(detect_ms! - expected)).toBeLessThanOrEqual(1);
  },
);
