/** What is wrong with networks: subnets that are none, that labs do not keep to, or that overlap. */
import { familyAt, formatSubnet, overlap, parseSubnet } from '../addresses';
import type { TopologyFault } from '../faults';
import { labRange, labRange6 } from '../relocate';
import { subnetsOf, type NamedSubnet } from '../subnets';
import type { AnyTopology } from '../types';

/** Of IPv4: a gateway, a broadcast address, and at least one node. */
const PREFIX_MAX = 29;
/** Of IPv6: interface identifiers have 64 bits (RFC 4291, section 2.5.1). */
const PREFIX_6 = 64;

const FORMS = {
  subnet: { family: 4, example: '198.18.10.0/24', range: labRange },
  subnet6: { family: 6, example: '2001:2:0:10::/64', range: labRange6 },
} as const;

export function faultsOfNetworks(topology: AnyTopology): TopologyFault[] {
  const subnets = subnetsOf(topology);
  if (subnets.length > 0)
    return subnets.flatMap((named, index) => [
      ...faultsOfSubnet(named, topology.networks[named.network]!.device !== undefined),
      ...subnets.slice(0, index).flatMap((earlier) => faultsOfOverlap(named, earlier)),
    ]);
  const mend = 'Add one, for example lan with 198.18.10.0/24.';
  return [{ place: 'networks', message: 'there is none', mend }];
}

/** @param isOwn machines have it, whatever labs keep to */
function faultsOfSubnet({ network, key, subnet: text }: NamedSubnet, isOwn: boolean): TopologyFault[] {
  const place = `networks.${network}.${key}`;
  const { family, example, range } = FORMS[key];
  const subnet = parseSubnet(text);
  if (!subnet || familyAt(subnet.base) !== family) {
    const what = subnet ? `is no subnet of IPv${family}` : 'is not a subnet';
    const mend = `Write it as CIDR with no host bits set, for example ${example}.`;
    return [{ place, message: `${text} ${what}`, mend }];
  }
  const faults: TopologyFault[] = [];
  if (!isOwn && (!overlap(range, subnet) || subnet.prefix < range.prefix)) {
    const message = `${text} is outside ${formatSubnet(range)}, which labs keep to`;
    faults.push({ place, message, mend: `Choose one within it, for example ${example}.` });
  }
  if (family === 6 && subnet.prefix !== PREFIX_6) {
    const message = `${text} is not a /${PREFIX_6}`;
    faults.push({ place, message, mend: `Use a prefix of /${PREFIX_6}.` });
  }
  if (family === 4 && subnet.prefix > PREFIX_MAX) {
    const mend = `Use a prefix of at most /${PREFIX_MAX}.`;
    faults.push({ place, message: `${text} is too small`, mend });
  }
  return faults;
}

function faultsOfOverlap(later: NamedSubnet, earlier: NamedSubnet): TopologyFault[] {
  const [subnet, other] = [parseSubnet(later.subnet), parseSubnet(earlier.subnet)];
  if (!subnet || !other || !overlap(subnet, other)) return [];
  const message = `${later.subnet} overlaps network ${earlier.network} (${earlier.subnet})`;
  const mend = 'Give each network addresses of its own.';
  return [{ place: `networks.${later.network}.${later.key}`, message, mend }];
}
