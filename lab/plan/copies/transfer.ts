import { copiedAddressesOf } from '../../topology/families';
import type { Topology, TopologyCopy } from '../../topology/types';
import { hostText } from '../families';
import { named } from '../parts';

/** What tcpcopy is given behind `-x`: of each family its own target. */
export const transferOf = (topology: Topology, copy: TopologyCopy): string => {
  const [from, to] = [named(topology, copy.from), named(topology, copy.to)];
  return copiedAddressesOf(topology, copy, copy.to)
    .map((address) => `${from.server!.port}-${hostText(address)}:${to.server!.port}`)
    .join(',');
};
