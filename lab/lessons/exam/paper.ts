/** Which fault a seed stands for. Pure. */
import type { Fault } from '../faults/fault';

/** Neighbouring seeds lead to faults far apart; it divides no catalogue that is shorter, for it is prime. */
const STRIDE = 1_000_003;

/** As many seeds in a row as there are faults lead to all of them. */
export const faultOf = (seed: number, faults: readonly Fault[]): Fault =>
  faults[Number((BigInt(seed) * BigInt(STRIDE)) % BigInt(faults.length))]!;
