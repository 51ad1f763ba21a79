/**
 * Which of several workers has a connection: by the address and port that its client speaks from, so that all that the client says, and
 * what it is answered, is the same worker's, whatever the others do. The kernel's filters come to the same (src/kernel/filter/share-filter.ts).
 */
import { wordOf, type Address } from '../address/address';
import { spread } from '../spread';

export interface Share {
  /** Of the worker, from 0. */
  readonly index: number;
  readonly count: number;
}

/** The only worker. */
export const ALONE: Share = { index: 0, count: 1 };

/**
 * The fraction of the square root of 2: its multiples, and those of its double, lie far apart, as ports in sequence and every other
 * port are used. Not that of the buckets (`PORT_FACTOR`): of those that are chosen, each worker has as many.
 */
export const SHARE_FACTOR = 0x6a09e667;

/** @param address of the client @returns 0 to `count` - 1 */
export const workerOf = (address: Address, port: number, count: number): number =>
  (((spread(wordOf(address)) + Math.imul(port, SHARE_FACTOR)) >>> 16) * count) >>> 16;

export const isOfShare = ({ index, count }: Share, address: Address, port: number): boolean =>
  workerOf(address, port, count) === index;
