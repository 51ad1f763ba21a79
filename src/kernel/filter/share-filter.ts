/**
 * What of a filtered port's segments a worker gets: those of its own connections (src/wire/tables/share.ts). Each worker has a socket of
 * its own with such a filter, so that what one of them gets depends on none of the others (docs/decisions/0034).
 */
import type { Family } from '../../wire/address/address';
import { SHARE_FACTOR, type Share } from '../../wire/tables/share';
import { branch, CODE, DROP, LET_IN, WHOLE_PACKET } from './classic-bpf';
import { append, clientHash, type ClientEnd } from './client-hash';

/** A place of M. */
const SPREAD_ADDRESS = 2;

/**
 * What has headers between IP and TCP, or is no segment, every worker gets, and looks behind the filter whose it is.
 *
 * @param filter classic BPF for packets of one family
 * @param end of the segments that is the client's
 */
export const limitToShare = (
  filter: Uint8Array,
  { index, count }: Share,
  family: Family,
  end: ClientEnd = 'source',
): Uint8Array =>
  append(filter, family, WHOLE_PACKET, [
    ...clientHash(family, SHARE_FACTOR, count, SPREAD_ADDRESS, end),
    branch(CODE.jumpEqual, index, 0, 1),
    LET_IN,
    DROP,
  ]);
