/**
 * Addresses that nobody has, which canaries are sent to. Where several workers listen on a queue each, the kernel leads what is sent to an
 * address into one of these (`--queue-balance`), by a hash with a number that it does not tell: which addresses lead to a worker's own
 * queue, that worker finds by trial.
 */
import type { Nobody } from '../../guard/canaries';
import { familyOf, type Address, type Family } from '../../wire/address/address';
import { heldAddress, nobodiesOf } from '../../wire/nobodies';
import type { Share } from '../../wire/tables/share';

export interface Nobodies {
  /** Of this family, to send to from that address. */
  addressFor(family: Family, from: Address): Address;
  /** What was sent there did not come: the next one is tried. @returns whether there is a next one that may do better */
  missed(family: Family, from: Address, tries: number): boolean;
  has(address: Address): boolean;
}

export function oneNobody(nobody: Required<Nobody>): Nobodies {
  return {
    addressFor: (family) => nobody[family],
    missed: () => false,
    has: (address) => nobody[familyOf(address)] === address,
  };
}

/** A worker has one of so many addresses: that none of as many times this is its own does not happen by chance. */
const TRIES_PER_WORKER = 16;

/** @param share the workers begin at different places, so that they seldom disturb each other's queues */
export function manyNobodies({ index, count }: Share): Nobodies {
  const addresses = { 4: nobodiesOf(4).map(heldAddress), 6: nobodiesOf(6).map(heldAddress) };
  const all = new Set([...addresses[4], ...addresses[6]]);
  const first = Math.floor((index * addresses[4].length) / count);
  /** By the address that canaries come from, which the kernel goes by, too. */
  const places = new Map<Address, number>();
  const placeOf = (from: Address): number => places.get(from) ?? first;
  return {
    addressFor: (family, from) => addresses[family][placeOf(from)]!,
    missed: (_, from, tries) => {
      places.set(from, (placeOf(from) + 1) % addresses[4].length);
      return tries < TRIES_PER_WORKER * count;
    },
    has: (address) => all.has(address),
  };
}
