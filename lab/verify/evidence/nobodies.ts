/** Whom intercept's proofs of its guard are sent to, by family: addresses that nobody has (TEST-NET-1 of RFC 5737, Discard-Only of RFC 6666). */
import type { Family } from '../../../src/wire/address/address';

export const NOBODIES: Readonly<Record<Family, string>> = { 4: '192.0.2.1', 6: '100::1' };
