/** Evidence of a scenario and its expectation in, result out. */
import { deriveSchedule } from '../../load/requests/schedule';
import { growthOf } from '../../verify/evidence/copy-state';
import { doubtfulInLog } from '../../verify/evidence/doubt';
import { findGaps } from '../../verify/findings/gaps';
import { comparableCounts, findInKernelCounts, findInTaps } from '../../verify/findings/in-evidence';
import { leakedFrames, leaksOf, type TappedFrame } from '../../verify/leaks/leaks';
import { counted } from '../../verify/findings/finding';
import { injectionsIn } from '../../verify/frames/injections';
import { ledgerOf, type Ledger } from '../../verify/ledger/ledger';
import { observedAt } from '../../verify/ledger/observed-at';
import { surplusUpTo, withoutRefused } from '../../verify/ledger/refused';
import { aligned, clockOn, clocksOf, type MachineClock } from '../../verify/frames/machine-clocks';
import { damageOf } from '../../verify/frames/tap-counts';
import { allWatches } from '../../verify/evidence/watch';
import type { PlayedLoad, ScenarioEvidence } from './evidence';
import type { ScenarioResult } from './result';
import type { Expectation, Scenario } from '../stage/scenario';
import type { Moments, Span } from '../stage/stage';
import { timingOf, type Timing } from './timing';

export interface Playing {
  readonly round: number;
  readonly seed: number;
}

export function judgeScenario(
  { name, expect }: Scenario,
  { round, seed }: Playing,
  evidence: ScenarioEvidence,
): ScenarioResult {
  const { scene } = evidence;
  const clocks = clocksOf(evidence.taps, evidence.run, scene.online.name);
  const taps = aligned(evidence.taps, clocks);
  const moments = byOneClock(evidence.moments, clocks);
  const directPorts = [evidence.steady, evidence.after].flatMap((load) => load?.directPorts ?? []);
  const leaked = leakedFrames(taps, scene, directPorts);
  const exposures = leaksOf(taps, scene, directPorts).exposures.length;
  const steady = ledgerFor(evidence, evidence.steady);
  const after = evidence.after && ledgerFor(evidence, evidence.after);
  const timing = timingOf(injectionsOf(evidence), moments);
  const reasons = [
    ...(evidence.failure === undefined ? [] : [evidence.failure]),
    ...findInLeaked(leaked, expect, moments.lost),
    ...findInSteady(steady, expect, evidence),
    ...findInAfter(after),
    ...findInTiming(timing, expect),
    ...evidence.left.map((line) => `a copied connection outlived its copy on ${scene.test.name}: ${line}`),
    ...findInLoads(evidence),
    ...findWhatIsNoEvidence(evidence, exposures),
  ];
  return {
    scenario: name,
    round,
    seed,
    verdict: reasons.length === 0 ? 'pass' : 'fail',
    reasons,
    leaked: leaked.length,
    exposures,
    missing: steady.counts.missing + (after?.counts.missing ?? 0),
    doubled: steady.counts.duplicated + (after?.counts.duplicated ?? 0),
    ...timing,
  };
}

/** By the clock of the online server's machine; where that is not known exactly, the spans are longer by the error at both ends. */
function byOneClock({ lost, restored }: Moments, clocks: readonly MachineClock[]): Moments {
  const moved = (span: Span | undefined): Span | undefined => {
    const reading = span && clockOn(clocks, span.engine);
    if (!reading) return span;
    const { ahead_ms, error_ms } = reading;
    return {
      begun: span.begun - (ahead_ms + error_ms) / 1000,
      done: span.done - (ahead_ms - error_ms) / 1000,
    };
  };
  return { lost: moved(lost), restored: moved(restored) };
}

function ledgerFor(
  { scene, taps, counters, logs }: ScenarioEvidence,
  { profile, loads }: PlayedLoad,
): Ledger {
  const { requests_said_again = 0 } = growthOf(undefined, counters);
  const words = Object.values(logs).flatMap(doubtfulInLog);
  return ledgerOf({
    planned: deriveSchedule(profile),
    sent: loads.reduce((sum, { sent }) => sum + sent, 0),
    online: observedAt(taps, profile, scene.online),
    test: withoutRefused(observedAt(taps, profile, scene.test), surplusUpTo(requests_said_again)),
    doubt: { words, told: words.reduce((sum, { count }) => sum + count, 0) },
  });
}

function injectionsOf({ scene, taps }: ScenarioEvidence): number[] {
  const tap = taps.find(({ node }) => node === scene.online.name);
  return tap && damageOf(tap.capture) === undefined ? injectionsIn(tap.capture, scene) : [];
}

function findInLeaked(
  leaked: readonly TappedFrame[],
  { leaksFor_ms }: Expectation,
  lost: Span | undefined,
): string[] {
  const excused = (time: number): boolean =>
    leaksFor_ms !== undefined &&
    lost !== undefined &&
    time >= lost.begun &&
    time <= lost.done + leaksFor_ms / 1000;
  const bad = leaked.filter(({ time }) => !excused(time));
  if (bad.length === 0) return [];
  const late =
    lost === undefined
      ? ''
      : `, ${Math.round((bad[0]!.time - lost.begun) * 1000)} ms after the guard was lost`;
  return [
    `${counted(bad.length, 'frame')} got past the guard${late}; the first (${bad[0]!.name}): ${bad[0]!.text}`,
  ];
}

function findInSteady(
  { counts, identities }: Ledger,
  { missing }: Expectation,
  { counters }: ScenarioEvidence,
): string[] {
  const reasons = deviations(counts, 'while the disturbance lasted');
  if (counts.missing === 0 || missing === 'while-away') return reasons;
  const first = `the first: ${identities.missing[0]}`;
  if (missing === 'none') return [...reasons, `${counted(counts.missing, 'request')} missing; ${first}`];
  const grown = growthOf(undefined, counters);
  if (missing.some((name) => (grown[name] ?? 0) > 0)) return reasons;
  return [
    ...reasons,
    `${counted(counts.missing, 'request')} missing, and none of tcpcopy's counters ${missing.join(', ')} tells of it; ${first}`,
  ];
}

function findInAfter(after: Ledger | undefined): string[] {
  if (!after) return [];
  const { counts, identities } = after;
  const missing =
    counts.missing === 0
      ? []
      : [
          `${counted(counts.missing, 'request')} missing after the disturbance; the first: ${identities.missing[0]}`,
        ];
  return [...missing, ...deviations(counts, 'after the disturbance')];
}

function deviations(counts: Ledger['counts'], when: string): string[] {
  const { duplicated, altered, reordered, unexpected } = counts;
  return Object.entries({ duplicated, altered, reordered, unexpected })
    .filter(([, count]) => count > 0)
    .map(([deviation, count]) => `${counted(count, 'request')} ${deviation} ${when}`);
}

function findInTiming({ detect_ms, resume_ms }: Timing, expect: Expectation): string[] {
  const { detectsWithin_ms, resumesWithin_ms } = expect;
  const late =
    detectsWithin_ms !== undefined && (detect_ms === undefined || detect_ms > detectsWithin_ms)
      ? [
          `copies were sent until ${detect_ms ?? '?'} ms after the guard was lost; at most ${detectsWithin_ms} ms`,
        ]
      : [];
  if (resumesWithin_ms === undefined || (resume_ms !== undefined && resume_ms <= resumesWithin_ms))
    return late;
  const resumed = resume_ms === undefined ? 'did not go on' : `went on after ${resume_ms} ms`;
  return [...late, `copying ${resumed} when all was as it should be; at most ${resumesWithin_ms} ms`];
}

function findInLoads({ steady, after, scene }: ScenarioEvidence): string[] {
  const failed = [steady, after].flatMap((load) => load?.loads ?? []).flatMap((summary) => summary.failed);
  if (failed.length === 0) return [];
  const [first] = failed;
  return [
    `${counted(failed.length, 'request')} of the load failed at ${scene.online.name}: ${first!.identity}: ${first!.reason}`,
  ];
}

/** Blind and lossy taps, and readings that contradict one another. */
function findWhatIsNoEvidence(
  { scene, taps, kernelCounts, run }: ScenarioEvidence,
  exposures: number,
): string[] {
  return [
    ...findGaps(scene, taps, kernelCounts),
    ...findInTaps(taps, run, allWatches(scene)).findings,
    ...findInKernelCounts(comparableCounts(kernelCounts, exposures), taps),
  ].map(({ code, message }) => `${code}: ${message}`);
}
