/** The ledger of requests that can be told apart, judged. */
import { deriveSchedule, type LoadProfile } from '../load/requests/schedule';
import type { Doubt } from './evidence/doubt';
import type { Evidence } from './evidence/evidence';
import { counted, type Finding } from './findings/finding';
import { findInLedger, notesInLedger } from './findings/in-ledger';
import type { LedgerJudgement } from './ledger-judgement';
import { ledgerOf, type Ledger } from './ledger/ledger';
import { leftOut } from './ledger/left-out';
import { isCopied, type ObservedConnection } from './ledger/observed';
import { observedAt } from './ledger/observed-at';
import { familyOf, parseAddress } from '../../src/wire/address/address';
import { disagreements } from './ledger/record-agreement';
import { surplusOver, withoutRefused } from './ledger/refused';

/** @param growth of tcpcopy's counters */
export function judgeRequests(
  evidence: Evidence,
  profile: LoadProfile,
  growth: Readonly<Record<string, number>>,
  doubt: Doubt,
): LedgerJudgement {
  const { scene, taps, loads, records } = evidence;
  const online = observedAt(taps, profile, scene.online);
  const captured = observedAt(taps, profile, scene.test);
  const test = withoutRefused(captured, surplusOver(captured, records.test, growth['requests_said_again']));
  const sent = loads.reduce((sum, load) => sum + load.sent, 0);
  const ledger = ledgerOf({ planned: deriveSchedule(profile), sent, online, test, doubt });
  const left = leftOut(ledger.identities.missing, online, growth);
  return {
    counts: ledger.counts,
    families: scene.online.addresses.map((address) => {
      const family = familyOf(parseAddress(address)!);
      const of = (connections: readonly ObservedConnection[]): number =>
        connections
          .filter(({ client }) => client.startsWith('[') === (family === 6))
          .reduce((sum, { requests }) => sum + requests.filter(isCopied).length, 0);
      return { family, online: of(online), test: of(test) };
    }),
    identities: ledger.identities,
    findings: findInLedger(ledger, scene, evidence.counters.tcpcopy, left),
    loadFindings: findInLoads(evidence, ledger),
    recordFindings: findInRecords(evidence, online, test, new Set(ledger.inDoubt.named)),
    notes: notesInLedger(ledger, scene),
    leftOut: left,
    streams: undefined,
    connections: loads.reduce((sum, { connections }) => sum + connections, 0),
    duration_ms: Math.max(0, ...loads.map(({ duration_ms }) => duration_ms)),
  };
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
