/** `--mirror`: the copied servers are other machines, and a switch sends their packets to a device of this one. */
import type { Transfer } from '../../session/contract';
import { formatAddress } from '../../wire/address/address';

/**
 * A switch sends everything of a port: what of it is copied must be named, and named addresses must be others', for what this
 * machine is sent itself needs no mirror.
 *
 * @param own host order @returns what is wrong, as the rest of a sentence that begins with `--mirror`
 */
export function mirrorFaults(
  transfers: readonly Transfer[],
  own: { has(address: number): boolean },
): readonly string[] {
  const ports = transfers.flatMap(({ onlineAddress, onlinePort }) =>
    onlineAddress === undefined ? [onlinePort] : [],
  );
  const named = new Set(transfers.flatMap(({ onlineAddress }) => onlineAddress ?? []));
  const local = [...named].filter((address) => own.has(address));
  return [
    ...ports.map((port) => `needs the address of the copied server in -x: <address>:${port}-…`),
    ...local.map(
      (address) =>
        `is for another machine's packets, and ${formatAddress(address)} is this one's: leave it out`,
    ),
  ];
}
