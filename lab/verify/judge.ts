/** Evidence in, verdict out. */
import { deriveSchedule } from '../load/schedule';
import { growthOf } from './evidence/copy-state';
import type { Doubt } from './evidence/doubt';
import type { Evidence } from './evidence/evidence';
import { counted, type Finding } from './findings/finding';
import { findGaps } from './findings/gaps';
import { comparableCounts, findInKernelCounts, findInTaps } from './findings/in-evidence';
import { findInLedger, notesInLedger } from './findings/in-ledger';
import { findInState } from './findings/in-state';
import { findInLeaks } from './findings/in-leaks';
import { leaksOf } from './leaks/leaks';
import { ledgerOf, type Ledger } from './ledger/ledger';
import { leftOut } from './ledger/left-out';
import type { ObservedConnection } from './ledger/observed';
import { observedAt } from './ledger/observed-at';
import { disagreements } from './ledger/record-agreement';
import { surplusOver, withoutRefused } from './ledger/refused';
import type { Verification } from './verification';
import { allWatches } from './evidence/watch';

const EXAMPLES_MAX = 10;

export function judge(evidence: Evidence): Verification {
  const { scene, profile, taps, loads, direct, records } = evidence;
  const online = observedAt(taps, profile, scene.online);
  const captured = observedAt(taps, profile, scene.test);
  const { before, after } = evidence.counters.tcpcopy;
  const growth = growthOf(before, after);
  const { requests_said_again: saidAgain } = growth;
  const test = withoutRefused(captured, surplusOver(captured, records.test, saidAgain));
  const sent = loads.reduce((sum, load) => sum + load.sent, 0);
  const ledger = ledgerOf({ planned: deriveSchedule(profile), sent, online, test, doubt: doubtIn(evidence) });
  const left = leftOut(ledger.identities.missing, online, growth);
  const leaks = leaksOf(taps, scene, direct.ports);
  const readings = findInTaps(taps, profile.run, allWatches(scene));
  const reasons = [
    ...findInState(scene, evidence.state),
    ...findInLeaks(leaks, scene),
    ...findInLedger(ledger, scene, evidence.counters.tcpcopy, left),
    ...findInDirect(evidence),
    ...findInLoads(evidence, ledger),
    ...findGaps(scene, taps, evidence.kernelCounts),
    ...readings.findings,
    ...findInKernelCounts(comparableCounts(evidence.kernelCounts, leaks.exposures.length), taps),
    ...findInRecords(evidence, online, test, new Set(ledger.inDoubt.named)),
  ];
  return {
    verdict: reasons.length === 0 ? 'pass' : 'fail',
    reasons,
    notes: notesInLedger(ledger, scene),
    scene,
    profile,
    requests: ledger.counts,
    leftOut: left,
    examples: {
      missing: ledger.identities.missing.slice(0, EXAMPLES_MAX),
      doubtful: ledger.identities.doubtful.slice(0, EXAMPLES_MAX),
      duplicated: ledger.identities.duplicated.slice(0, EXAMPLES_MAX),
      altered: ledger.identities.altered.slice(0, EXAMPLES_MAX),
      reordered: ledger.identities.reordered.slice(0, EXAMPLES_MAX),
      unexpected: ledger.identities.unexpected.slice(0, EXAMPLES_MAX),
    },
    leaks,
    controls: readings.controls,
    counters: evidence.counters,
    load: {
      connections: loads.reduce((sum, { connections }) => sum + connections, 0),
      duration_ms: Math.max(0, ...loads.map(({ duration_ms }) => duration_ms)),
      latency: loads.map(({ latency }) => latency),
      directAnswers: direct.answered,
    },
  };
}

function doubtIn({ counters: { tcpcopy }, doubtful }: Evidence): Doubt {
  const { requests_doubtful = 0 } = growthOf(tcpcopy.before, tcpcopy.after);
  return { words: doubtful, told: requests_doubtful };
}

function findInLoads({ loads, scene }: Evidence, ledger: Ledger): Finding[] {
  const failed = loads.flatMap((load) => load.failed);
  const findings: Finding[] = [];
  if (failed.length > 0) {
    const [first] = failed;
    findings.push({
      code: 'load-failed',
      message: `${counted(failed.length, 'request')} of the load failed at ${scene.online.name}: ${first!.identity}: ${first!.reason}.`,
      mend: `is the server of ${scene.online.name} up? (lab status)`,
    });
  } else if (ledger.notDelivered.length > 0) {
    findings.push({
      code: 'load-failed',
      message:
        `${counted(ledger.notDelivered.length, 'request')} were answered, but the tap on ${scene.online.name} ` +
        `does not show their bytes, the first ${ledger.notDelivered[0]}.`,
    });
  }
  return findings;
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

function findInRecords(
  { records, scene }: Evidence,
  online: readonly ObservedConnection[],
  test: readonly ObservedConnection[],
  inDoubt: ReadonlySet<string>,
): Finding[] {
  return [
    ...disagreements(scene.online.name, online, records.online),
    ...disagreements(scene.test.name, test, records.test, inDoubt),
  ].map((message) => ({ code: 'evidence-disagrees' as const, message: `${message}.` }));
}
