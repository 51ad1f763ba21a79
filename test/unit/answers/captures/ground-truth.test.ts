/** Faults that are planted, and nothing else, are found: the same service on both sides, whose answers are never the same twice. */
import { compared, findingsOf } from '../world/compared';
import { faultBy, KINDS, type FaultKind } from '../world/faults';
import { randomBy } from '../world/random';
import { worldOf } from '../world/world';

/** `make soak` plays more of both. */
const FAULTS = Number(process.env['PLANTED_FAULTS'] ?? 6);
const CLEAN_RUNS = Number(process.env['CLEAN_COMPARISONS'] ?? 4);
const CLEAN_FIRST_SEED = Number(process.env['CLEAN_COMPARISONS_FIRST_SEED'] ?? 1000);

const EXPECTED: Readonly<Record<FaultKind, RegExp>> = {
  status: /: status changed$/,
  field: /: json:\$\.(?:balance|state|total) missing$/,
  byte: /: (?:json:\$.*|text.*|body) changed$/,
  slow: /: slower$/,
  unanswered: /: answer no answer$/,
  'cut-off': /: answer broke off$/,
};

describe('planted faults', () => {
  test.each(Array.from({ length: FAULTS }, (_, seed) => seed))(
    'are found at their route, and nowhere else, seed %i',
    async (seed) => {
      const kind = KINDS[seed % KINDS.length]!;
      const fault = faultBy(kind, randomBy(seed + 1));
      const world = worldOf({
        seed,
        fault,
        connections: 40,
        withReference: seed % 2 === 1,
        isRough: seed % 4 > 1,
      });
      expect(world.planted).toBeGreaterThan(0);
      const { report } = await compared(world);
      const findings = findingsOf(report);
      expect({ fault, elsewhere: findings.filter((one) => !one.startsWith(`${fault.route}: `)) }).toEqual({
        fault,
        elsewhere: [],
      });
      expect({ fault, findings }).toEqual({ fault, findings: [expect.stringMatching(EXPECTED[kind])] });
      const route = report.routes.find((one) => one.route === fault.route)!;
      if (kind === 'slow') expect(route.times!.ratio.p50).toBeGreaterThan(5);
      else expect(route.differing).toBeLessThanOrEqual(world.planted);
    },
  );
});

test(`${CLEAN_RUNS} runs without a fault have no finding`, async () => {
  const found: string[] = [];
  const sums = { pairs: 0, onlyNoise: 0 };
  for (let seed = 0; seed < CLEAN_RUNS; seed += 1) {
    const world = worldOf({
      seed: CLEAN_FIRST_SEED + seed,
      withReference: seed % 2 === 1,
      isRough: seed % 4 > 1,
    });
    const { report } = await compared(world);
    found.push(...findingsOf(report).map((finding) => `seed ${seed}: ${finding}`));
    sums.pairs += report.pairs;
    sums.onlyNoise += report.onlyNoise;
    if (report.unmatched.test > 0 || report.carried > 0)
      found.push(`seed ${seed}: ${JSON.stringify({ unmatched: report.unmatched, carried: report.carried })}`);
  }
  expect(found).toEqual([]);
  expect(sums.pairs).toBeGreaterThan(CLEAN_RUNS * 100);
  // Hardly an answer is the same as another.
  expect(sums.onlyNoise).toBeGreaterThan(0.9 * sums.pairs);
});
