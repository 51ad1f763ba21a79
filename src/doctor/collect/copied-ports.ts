/** Which ports of the test server are copied to, and over which families, as far as that can be known. */
import { type Family, FAMILIES } from '../../wire/address/address';
import type { CopiedPort } from '../facts';
import { familyOfText } from '../families';
import type { NamedPort } from '../wishes';

export interface Signs {
  /** Of named clients and canaries, and of whom a guard that intercept puts there itself lets through. */
  readonly told: readonly Family[];
  /** What catches responses of the port is made for this family. */
  readonly isCaught: (port: number, family: Family) => boolean;
  /** Ports whose rules intercept puts there itself: of both families, whichever is copied to. */
  readonly guarded: readonly number[];
  /** Where nothing else says it. */
  readonly otherwise: Family;
}

/** A port that was named without an address is copied to over each family that some sign speaks for. */
export function copiedPortsFrom(named: readonly NamedPort[], signs: Signs): CopiedPort[] {
  const all = named.flatMap(({ address, port }) =>
    (address === undefined ? familiesOf(port, signs) : [familyOfText(address)]).map((family) => ({
      port,
      family,
    })),
  );
  return all.filter(
    (one, index) => all.findIndex(({ port, family }) => port === one.port && family === one.family) === index,
  );
}

function familiesOf(port: number, { told, isCaught, guarded, otherwise }: Signs): readonly Family[] {
  const isMeant = (family: Family): boolean => !guarded.includes(port) && isCaught(port, family);
  const found = FAMILIES.filter((family) => told.includes(family) || isMeant(family));
  return found.length > 0 ? found : [otherwise];
}
