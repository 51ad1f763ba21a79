/** The subnets of networks, of both families. */
import type { AnyTopology } from './types';

export interface NamedSubnet {
  readonly network: string;
  /** Under which it stands in the topology. */
  readonly key: 'subnet' | 'subnet6';
  /** CIDR. */
  readonly subnet: string;
}

export const subnetsOf = ({ networks }: Pick<AnyTopology, 'networks'>): NamedSubnet[] =>
  Object.entries(networks).flatMap(([network, { subnet, subnet6 }]): NamedSubnet[] => [
    { network, key: 'subnet', subnet },
    ...(subnet6 === undefined ? [] : [{ network, key: 'subnet6' as const, subnet: subnet6 }]),
  ]);
