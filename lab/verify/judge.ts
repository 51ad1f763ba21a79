/** Evidence in, verdict out. */
import { growthOf } from './evidence/copy-state';
import type { Doubt } from './evidence/doubt';
import type { Evidence } from './evidence/evidence';
import type { Finding } from './findings/finding';
import { callsIn, findInCalls, findInFences } from './findings/in-fences';
import { findInServices } from './findings/in-services';
import { findGaps } from './findings/gaps';
import { comparableCounts, findInKernelCounts, findInTaps } from './findings/in-evidence';
import { aligned, clocksOf } from './frames/machine-clocks';
import { findInProof } from './findings/in-proof';
import { findInState } from './findings/in-state';
import { findInLeaks } from './findings/in-leaks';
import { judgeRequests } from './judge-requests';
import { judgeStreams } from './judge-streams';
import type { Deviation } from './ledger/ledger';
import { leaksOf } from './leaks/leaks';
import type { Verification } from './verification';
import { allWatches } from './evidence/watch';

const EXAMPLES_MAX = 10;

export function judge(evidence: Evidence): Verification {
  const { scene, profile, taps, loads, direct } = evidence;
  const { before, after } = evidence.counters.tcpcopy;
  const growth = growthOf(before, after);
  const doubt: Doubt = { words: evidence.doubtful, told: growth['requests_doubtful'] ?? 0 };
  const ledger =
    profile.protocol === 'bytes'
      ? judgeStreams(evidence, profile, growth, doubt)
      : judgeRequests(evidence, profile, growth, doubt);
  const clocks = clocksOf(taps, profile.run, scene.online.name);
  const leaks = leaksOf(aligned(taps, clocks), scene, direct.ports);
  const readings = findInTaps(taps, profile.run, allWatches(scene));
  const outside = callsIn(evidence.fences);
  const inState = findInState(scene, evidence.state);
  const reasons = [
    ...(inState.length > 0 ? inState : findInProof(scene, evidence.guard)),
    ...findInFences(evidence.fences),
    ...findInServices(evidence.ended),
    ...findInLeaks(leaks, scene),
    ...ledger.findings,
    ...findInDirect(evidence),
    ...findInCalls(outside),
    ...ledger.loadFindings,
    ...findGaps(scene, taps, evidence.kernelCounts),
    ...readings.findings,
    ...findInKernelCounts(comparableCounts(evidence.kernelCounts, leaks.exposures.length), taps),
    ...ledger.recordFindings,
  ];
  const some = (deviation: Deviation): readonly string[] =>
    ledger.identities[deviation].slice(0, EXAMPLES_MAX);
  return {
    verdict: reasons.length === 0 ? 'pass' : 'fail',
    reasons,
    notes: ledger.notes,
    scene,
    profile,
    requests: ledger.counts,
    streams: ledger.streams,
    leftOut: ledger.leftOut,
    examples: {
      missing: some('missing'),
      doubtful: some('doubtful'),
      duplicated: some('duplicated'),
      altered: some('altered'),
      reordered: some('reordered'),
      unexpected: some('unexpected'),
    },
    leaks,
    families: ledger.families,
    outside,
    fences: evidence.fences.after.length,
    controls: readings.controls,
    counters: evidence.counters,
    times: evidence.times,
    clocks,
    load: {
      connections: ledger.connections,
      duration_ms: ledger.duration_ms,
      latency: loads.map(({ latency }) => latency),
      directAnswers: direct.answered,
    },
  };
}

function findInDirect({ direct, scene }: Evidence): Finding[] {
  if (direct.failed.length === 0 && direct.answered > 0) return [];
  const reason = direct.failed[0]?.reason ?? 'nothing was sent';
  const { online, test } = scene;
  if (scene.assistants.length > 0) {
    const message = `The own requests of ${online.name} to ${test.name}:${test.port} are not answered: ${reason}.`;
    return [{ code: 'passlist-broken', message, mend: `on ${test.name}: ip route get ${online.address}` }];
  }
  return [
    {
      code: 'passlist-broken',
      message:
        `${scene.online.name} is on the passlist, but its own requests to ${scene.test.name}:${scene.test.port} ` +
        `are not answered: ${reason}.`,
      mend: `on ${scene.test.name}: intercept -x ${scene.passlist.join(',')} …`,
    },
  ];
}
