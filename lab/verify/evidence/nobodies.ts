/**
 * Whom intercept's proofs of its guard are sent to: addresses that nobody has, of TEST-NET-1 (RFC 5737) and of the discard prefix (RFC
 * 6666). One worker takes the first of them, several take whichever lead to their queues (src/intercept/replies/nobodies.ts).
 */
import { parseAddress, type Address, type Family } from '../../../src/wire/address/address';

/** As networks, by family. */
export const NOBODIES = { 4: '192.0.2.0/24', 6: '100::/120' } as const satisfies Record<Family, string>;

/** What all of a network's addresses begin with, in network byte order. */
export const NOBODIES_BEGIN: Readonly<Record<Family, Uint8Array>> = {
  4: Uint8Array.of(192, 0, 2),
  6: Uint8Array.of(1, ...Array.from({ length: 14 }, () => 0)),
};

const HOSTS = Array.from({ length: 256 }, (_, host) => host);
const all: ReadonlySet<Address> = new Set(
  HOSTS.flatMap((host) => [parseAddress(`192.0.2.${host}`)!, parseAddress(`100::${host.toString(16)}`)!]),
);

export const isNobody = (address: Address): boolean => all.has(address);
