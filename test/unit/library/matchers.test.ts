import { toBeExact, toLeakNothing } from '../../../lab/library/matchers';
import { judge } from '../../../lab/verify/judge';
import type { Evidence } from '../../../lab/verify/evidence/evidence';
import type { Verification } from '../../../lab/verify/verification';
import { tcp } from '../verify/world/frames';
import { evidenceOf, healthyLab } from '../verify/world/lab';
import { CLIENT, TEST } from '../verify/world/scene';

const world = healthyLab('http', 7, 40);
const healthy = judge(evidenceOf(world));
const leaking = judge(evidenceOf({ ...world, leaked: [tcp(TEST, CLIENT)] }));
const lossy = judge(evidenceOf({ ...world, test: [] }));
const labWith = (...verifications: readonly Verification[]) => ({ name: 'mine', verifications });

const blind = (evidence: Evidence): Evidence => ({
  ...evidence,
  taps: evidence.taps.map((tap) =>
    tap.name === 'client' ? { ...tap, capture: tap.capture.subarray(0, 24) } : tap,
  ),
});

describe('toBeExact', () => {
  test('takes a verification in which nothing was found, and says so where that is not wanted', () => {
    const { pass, message } = toBeExact(healthy);
    expect(pass).toBe(true);
    expect(message()).toBe('expected it not to be exact, and nothing was found');
  });

  test('names every reason, with its mend', () => {
    const { pass, message } = toBeExact(lossy);
    expect(pass).toBe(false);
    expect(message()).toMatch(/^expected it to be exact\n\nrequests-missing: 40 requests /);
  });

  test.each<[string, Partial<Verification>, string]>([
    ['what is in doubt', inDoubt(), 'requests-doubtful: 1 request may have been said twice.'],
    [
      'what was left out',
      { leftOut: { connections: 2, requests: 9 } },
      '9 requests of 2 connections were left out.',
    ],
    [
      'nothing at all',
      { requests: { ...healthy.requests, online: 0 } },
      'Clients said nothing to the online server.',
    ],
  ])('does not take %s for exact', (_, changes, told) => {
    const { pass, message } = toBeExact({ ...healthy, ...changes });
    expect(pass).toBe(false);
    expect(message()).toBe(`expected it to be exact\n\n${told}`);
  });

  test('refuses what is no verification', () => {
    expect(() => toBeExact(labWith(healthy))).toThrow(TypeError);
    expect(() => toBeExact(undefined)).toThrow(TypeError);
  });
});

describe('toLeakNothing', () => {
  test('takes a verification without leaks, also where requests are missing', () => {
    expect(toLeakNothing(healthy).pass).toBe(true);
    expect(lossy.verdict).toBe('fail');
    expect(toLeakNothing(lossy).pass).toBe(true);
  });

  test('names the leaked frames', () => {
    const { pass, message } = toLeakNothing(leaking);
    expect(pass).toBe(false);
    expect(message()).toContain(`leak: ${leaking.reasons.find(({ code }) => code === 'leak')!.message}`);
    expect(message()).toContain(leaking.leaks.first[0]!.text);
  });

  test('is not content with a tap that saw nothing', () => {
    const { pass, message } = toLeakNothing(judge(blind(evidenceOf(world))));
    expect(pass).toBe(false);
    expect(message()).toContain('tap-blind: Tap client did not record the mark');
  });

  test('of a lab looks at all that was verified, and fails where nothing was', () => {
    expect(toLeakNothing(labWith(healthy)).pass).toBe(true);
    expect(toLeakNothing(labWith(leaking, healthy)).pass).toBe(false);
    expect(toLeakNothing(labWith()).message()).toContain('Nobody has looked at lab mine yet');
    expect(() => toLeakNothing({ name: 'mine' })).toThrow(TypeError);
  });
});

function inDoubt(): Partial<Verification> {
  return {
    requests: { ...healthy.requests, doubtful: 1 },
    notes: [{ code: 'requests-doubtful', message: '1 request may have been said twice.' }],
  };
}
