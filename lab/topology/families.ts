/** In which families a copy is made, and by which addresses. */
import { FAMILIES } from '../../src/wire/address/address';
import type { Family } from './addresses';
import type { AnyTopology, TopologyCopy } from './types';
import { addressIn, footholdsOf } from './ways';

/** Of which a node has addresses, on the network that it is known by. */
export const familiesAt = ({ nodes }: AnyTopology, name: string): Family[] =>
  FAMILIES.filter((family) => addressIn(nodes[name]!, family) !== undefined);

/** Families in which a copy is made, IPv4 first. */
export function familiesOf({ nodes }: AnyTopology, { from, to, family }: TopologyCopy): Family[] {
  return FAMILIES.filter(
    (one) =>
      (family === undefined || family === one) &&
      [from, to].every((name) => addressIn(footholdsOf(nodes[name]!)[0]!, one) !== undefined),
  );
}

/** A node's addresses by which a copy knows it, one of each family of it. */
export const copiedAddressesOf = (topology: AnyTopology, copy: TopologyCopy, name: string): string[] =>
  familiesOf(topology, copy).flatMap(
    (family) => addressIn(footholdsOf(topology.nodes[name]!)[0]!, family) ?? [],
  );
