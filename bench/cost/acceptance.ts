/** What is promised of the cost, held against what was measured. */
import { medianOf } from '../figures/rates';
import { DEFAULT_BACKEND, KEYED, type Named } from '../candidates/candidates';
import { comparisonsWith, PAIRS_MIN } from './against-before';
import type { CostResult } from './cost';
import type { CostLoad } from './loads';
import { rowsOf, type CostRow } from './summary';
import { callsAPacket, type CALL_LOADS } from './system-calls';

export interface Requirement {
  /** Half a sentence. */
  readonly what: string;
  readonly value: number;
  /** At most this. */
  readonly limit: number;
  readonly met: boolean;
}

/** Of the CPU time that the better of the original's builds takes for a request; by load. */
const CPU_RATIO_MAX: Readonly<Record<CostLoad['id'], number>> = {
  'keep-alive-10': 0.5,
  'keep-alive-100': 0.5,
  'short-10': 0.5,
  'short-100': 0.5,
  'fixed-rate': 0.6,
  'slow-rate': 1,
  'open-10k': 1,
  redis: 1,
};
/** More of a program's time than this, and its figures are the other end's as well. */
const RECEPTION_MAX = 0.02;
/** Whose clients notice least of it. */
const CLIENTS_PEER = '0.9';
const CALLS_A_PACKET_MAX = 0.2;
/** Where packets come one by one, each must be handled when it comes; where they crowd, together. */
const CALLS_LOAD: (typeof CALL_LOADS)[number] = 'keep-alive-10';
const FIXED_RATE_P99_RATIO_MAX = 1.05;
const DELAY_MEDIAN_MS_MAX = 0.15;
const DELAY_P99_MS_MAX = 1;
/** Resident at most, of each program; a megabyte is 10⁶ bytes. */
const MEMORY_MB_MAX = 120;
/** Over what an earlier build takes for a request: the upper end of the ratio's 95 % interval. */
const BEFORE_RATIO_MAX = 1.03;
/** With a key, over what a build without takes. */
const KEYED_RATIO_MAX = 1.05;

/** Of the candidate that is ours and, if both backends were measured, the default one. None when ours was not measured. */
export function requirementsOf(result: CostResult): Requirement[] {
  const own = judgedIn(result);
  if (own === undefined) return [];
  const originals = idsOf(result, 'original');
  const rows = rowsOf(result.samples);
  const failed = result.failures.filter(({ candidate }) => candidate === own).length;
  const requirements = result.loads.flatMap(({ id, shape }) => {
    const row = rows.find(({ load, candidate }) => load === id && candidate === own);
    const peers = rows.filter(({ load, candidate }) => load === id && originals.includes(candidate));
    return row ? ofLoad(row, peers, shape) : [];
  });
  return [
    atMost('loads that failed', failed, 0),
    ...requirements,
    ...againstBefore(result, own),
    ...ofCalls(result, own),
    ...ofReception(result),
    ...ofDelay(result, own),
  ];
}

/** The candidate that promises are held against. */
export function judgedIn(result: CostResult): string | undefined {
  const ours = idsOf(result, 'ours');
  return ours.includes(DEFAULT_BACKEND) ? DEFAULT_BACKEND : ours[0];
}

const idsOf = ({ candidates }: CostResult, whose: Named['origin']): string[] =>
  candidates.filter(({ origin }) => origin === whose).map(({ id }) => id);

function ofLoad(row: CostRow, peers: readonly CostRow[], shape: CostLoad['shape']): Requirement[] {
  const { load } = row;
  const requirements = [
    atMost(`${load}: requests missing`, row.missing, 0),
    atMost(`${load}: requests doubled`, row.doubled, 0),
    atMost(`${load}: memory of the larger program, MB`, row.largerPeak_bytes / 1e6, MEMORY_MB_MAX),
  ];
  const cpu_max = CPU_RATIO_MAX[load];
  if (cpu_max !== undefined && peers.length > 0) {
    const best_us = Math.min(...peers.map(({ both_us }) => both_us));
    requirements.push(atMost(`${load}: CPU a request, of the original's`, row.both_us / best_us, cpu_max));
  }
  if (row.p99Ratio === undefined) return requirements;
  const what = `${load}: client's p99 with the copy over without`;
  if (shape === 'fixed-rate') requirements.push(atMost(what, row.p99Ratio, FIXED_RATE_P99_RATIO_MAX));
  const peer = peers.filter(({ candidate }) => candidate === CLIENTS_PEER);
  const ratios = (peer.length > 0 ? peer : peers).flatMap(({ p99Ratio }) => p99Ratio ?? []);
  if (ratios.length > 0) {
    requirements.push(atMost(`${what}, against the original's`, row.p99Ratio, Math.min(...ratios)));
  }
  return requirements;
}

/** Fewer pairs than are needed prove nothing. */
function againstBefore(result: CostResult, own: string): Requirement[] {
  if (idsOf(result, 'before').length === 0) return [];
  return comparisonsWith(own, result.samples).map(({ load, ratio: { high, pairs } }) =>
    atMost(
      `${load}: cost of a request, ours / before, by the interval's upper end`,
      pairs >= PAIRS_MIN ? high : NaN,
      own === KEYED ? KEYED_RATIO_MAX : BEFORE_RATIO_MAX,
    ),
  );
}

function ofCalls({ calls }: CostResult, own: string): Requirement[] {
  return calls
    .filter(({ candidate, load }) => candidate === own && load === CALLS_LOAD)
    .flatMap(({ tcpcopy, intercept }) => [
      atMost(`${CALLS_LOAD}: system calls a packet, tcpcopy`, callsAPacket(tcpcopy), CALLS_A_PACKET_MAX),
      atMost(`${CALLS_LOAD}: system calls a packet, intercept`, callsAPacket(intercept), CALLS_A_PACKET_MAX),
    ]);
}

/** Of every candidate, or they are not compared by what is theirs. */
const ofReception = ({ calls }: CostResult): Requirement[] =>
  calls.map(({ candidate, load, tcpcopy, intercept }) =>
    atMost(
      `${load}, ${candidate}: share of a program's time that is reception`,
      Math.max(tcpcopy.reception, intercept.reception),
      RECEPTION_MAX,
    ),
  );

function ofDelay({ delays }: CostResult, own: string): Requirement[] {
  const ours = delays.filter(({ candidate }) => candidate === own);
  if (ours.length === 0) return [];
  const what = 'added delay at 5,000 requests a second';
  return [
    atMost(`${what}, median, ms`, medianOf(ours.map(({ median_ms }) => median_ms)), DELAY_MEDIAN_MS_MAX),
    atMost(`${what}, p99, ms`, medianOf(ours.map(({ p99_ms }) => p99_ms)), DELAY_P99_MS_MAX),
  ];
}

/** What is not a number is not met. */
const atMost = (what: string, value: number, limit: number): Requirement => ({
  what,
  value,
  limit,
  met: value <= limit,
});
