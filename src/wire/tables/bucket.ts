/**
 * The hundred buckets that connections fall into: by which of them are copied, a connection is copied wholly or not at all,
 * without anybody having to remember it. The kernel's filter comes to the same bucket (src/kernel/filter/bucket-filter.ts).
 */
import { wordOf, type Address } from '../address/address';
import { spread } from '../spread';

/** Each is a percent of all connections. */
export const BUCKETS = 100;

/** 2^32 over the golden ratio: its multiples lie as far apart as can be, however many there are (Knuth, 6.4). */
export const PORT_FACTOR = 0x9e3779b1;

/**
 * How the connections of a bucket stand. `open`: copied. `closing`: no copy is begun any more, those that live are brought
 * to an end between two requests. `closed`: nothing of them is looked at. `not-chosen`: the same, because nobody wants them.
 */
export type BucketState = 'open' | 'closing' | 'closed' | 'not-chosen';

/** Of all buckets, by their number. */
export type BucketStates = readonly BucketState[];

/**
 * The ports of one address are spread evenly, be they in sequence or not, and differently for each address.
 *
 * @param address of the client
 * @returns 0 to 99
 */
export const bucketOf = (address: Address, port: number): number =>
  (((spread(wordOf(address)) + Math.imul(port, PORT_FACTOR)) >>> 16) * BUCKETS) >>> 16;
