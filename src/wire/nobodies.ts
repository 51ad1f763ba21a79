/** Addresses that nobody has, of TEST-NET-1 (RFC 5737) and of the discard prefix (RFC 6666): what proves a guard is sent there. */
import { holdAddress, parseAddress, type Address, type Family } from './address/address';

/** As networks. */
export const NOBODIES = { 4: '192.0.2.0/24', 6: '100::/120' } as const satisfies Record<Family, string>;

/** What all addresses of these networks begin with, in network byte order. */
export const NOBODIES_BEGIN: Readonly<Record<Family, Uint8Array>> = {
  4: Uint8Array.of(192, 0, 2),
  6: Uint8Array.of(1, ...Array.from({ length: 14 }, () => 0)),
};

const PLACES = Array.from({ length: 256 }, (_, place) => place);
const ADDRESSES: Readonly<Record<Family, readonly string[]>> = {
  4: PLACES.map((place) => `192.0.2.${place}`),
  6: PLACES.map((place) => `100::${place.toString(16)}`),
};

/** Those of them that a host may have: neither the first nor the last. */
export const nobodiesOf = (family: Family): readonly string[] => ADDRESSES[family].slice(1, -1);

let all: ReadonlySet<Address> | undefined;

export function isNobody(address: Address): boolean {
  all ??= new Set([...ADDRESSES[4], ...ADDRESSES[6]].map(heldAddress));
  return all.has(address);
}

/** Its number stays the same, whoever else is met. */
export function heldAddress(text: string): Address {
  const address = parseAddress(text)!;
  holdAddress(address);
  return address;
}
