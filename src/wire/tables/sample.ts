/**
 * Which connections are compared: whole ones, always the same, and chosen by something else than which are copied. The kernel's filter
 * comes to the same (src/kernel/filter/endpoint-filter.ts).
 */
import { wordOf, type Address } from '../address/address';
import { spread } from '../spread';
import { PORT_FACTOR } from './bucket';

/** A share is told apart by as much. */
export const SHARES = 10_000;
/** Any number: without it they would be the first of those that `-r` chooses. */
export const SAMPLE_SALT = 0x2f6e2b1d;

/** @param address of the client @param share of all connections, 0 to `SHARES` */
export const isSampled = (address: Address, port: number, share: number): boolean =>
  ((spread((wordOf(address) ^ SAMPLE_SALT) + Math.imul(port, PORT_FACTOR)) >>> 16) * SHARES) >>> 16 < share;
