/** What the rounds come to: medians, how far the rounds were apart, and the ratio that is promised. */
import { medianOf } from '../figures/rates';
import { candidates, FLOOR, OWN, sends } from './candidates';
import { PAYLOADS_BYTES, type FloorResult, type FloorSample } from './floor';

/** Of the floor's CPU time a packet. */
export const RATIO_MAX = 2;
/** Of the packets: what the kernel throws away on the way costs less than what arrives. */
export const ARRIVED_MIN = 0.99;

export interface FloorRow {
  readonly payload_bytes: number;
  readonly candidate: string;
  readonly title: string;
  /** Median of the rounds, of a packet. */
  readonly cpu_us: number;
  /** How far the rounds were apart, as a share of the median. */
  readonly spread: number;
  /** Median of what it took over what the floor took in the same round. */
  readonly ratio: number;
  /** The least of all rounds; undefined where nothing is sent. */
  readonly arrived: number | undefined;
}

export function rowsOf({ samples }: FloorResult): FloorRow[] {
  return PAYLOADS_BYTES.flatMap((payload_bytes) =>
    candidates.map((candidate) => {
      const of = (id: string): FloorSample[] =>
        samples.filter((sample) => sample.payload_bytes === payload_bytes && sample.candidate === id);
      const own = of(candidate.id);
      const floors = new Map(of(FLOOR).map(({ round, cpu_us }) => [round, cpu_us]));
      const times_us = own.map(({ cpu_us }) => cpu_us);
      return {
        payload_bytes,
        candidate: candidate.id,
        title: candidate.title,
        cpu_us: medianOf(times_us),
        spread: (Math.max(...times_us) - Math.min(...times_us)) / medianOf(times_us),
        ratio: medianOf(own.map(({ round, cpu_us }) => cpu_us / floors.get(round)!)),
        arrived: sends(candidate) ? Math.min(...own.map(({ arrived }) => arrived ?? 0)) : undefined,
      };
    }),
  );
}

export function isMet(rows: readonly FloorRow[]): boolean {
  const compared = rows.filter(({ candidate }) => candidate === OWN || candidate === FLOOR);
  return compared.every(({ ratio, arrived }) => ratio <= RATIO_MAX && arrived! >= ARRIVED_MIN);
}
