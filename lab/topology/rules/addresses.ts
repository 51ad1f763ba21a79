/** What is wrong with the addresses of nodes. */
import {
  addressAt,
  contains,
  familyAt,
  formatSubnet,
  gatewayOf,
  highestIn,
  parseSubnet,
  placeOf,
  sizeOf,
  type Family,
  type Place,
  type Subnet,
} from '../addresses';
import type { TopologyFault } from '../faults';
import type { AnyTopology, TopologyNode } from '../types';

type Networks = AnyTopology['networks'];
type AnyNode = TopologyNode<unknown>;

/** On the network that a node is known by. */
export function faultsOfHome({ networks }: AnyTopology, name: string, node: AnyNode): TopologyFault[] {
  const here = `nodes.${name}`;
  if (!Object.hasOwn(networks, node.network))
    return [
      noNetwork(networks, node.network, `${here}.network`),
      ...faultsOfForm(4, node.address, `${here}.address`),
      ...(node.address6 === undefined ? [] : faultsOfForm(6, node.address6, `${here}.address6`)),
    ];
  return [
    ...faultsOfAddress(4, networks[node.network]!.subnet, node.address, `${here}.address`),
    ...faultsOfAddress6(networks, node.network, node.address6, `${here}.address6`),
  ];
}

export function faultsOfFurther({ networks }: AnyTopology, name: string, node: AnyNode): TopologyFault[] {
  const here = `nodes.${name}`;
  const { networks: further = {}, networks6: further6 = {} } = node;
  const onNone = Object.keys(further6).filter((network) => !Object.hasOwn(further, network));
  return [
    ...Object.entries(further).flatMap(([network, address]): TopologyFault[] => {
      const place = `${here}.networks.${network}`;
      if (!Object.hasOwn(networks, network)) return [noNetwork(networks, network, place)];
      if (network === node.network) {
        const message = `the node is on network ${network} already, as ${node.address}`;
        return [{ place, message, mend: `Remove it, or name another network.` }];
      }
      return [
        ...faultsOfAddress(4, networks[network]!.subnet, address, place),
        ...faultsOfAddress6(networks, network, further6[network], `${here}.networks6.${network}`),
      ];
    }),
    ...onNone.map((network) => ({
      place: `${here}.networks6.${network}`,
      message: `the node is not on network ${network}`,
      mend: `Give it an IPv4 address there as well: networks: { ${network}: '<address>' }.`,
    })),
  ];
}

export function faultsOfSharedAddresses({ nodes }: AnyTopology): TopologyFault[] {
  const holders = new Map<Place, string>();
  const held = Object.entries(nodes).flatMap(([name, node]) => {
    const { address, address6, networks = {}, networks6 = {} } = node;
    const further = (key: string, of: Readonly<Record<string, string>>) =>
      Object.entries(of).map(([network, at]) => ({
        name,
        address: at,
        place: `nodes.${name}.${key}.${network}`,
      }));
    return [
      { name, address, place: `nodes.${name}.address` },
      ...(address6 === undefined ? [] : [{ name, address: address6, place: `nodes.${name}.address6` }]),
      ...further('networks', networks),
      ...further('networks6', networks6),
    ];
  });
  return held.flatMap(({ name, address, place }) => {
    const at = placeOf(address);
    if (at === undefined) return [];
    const holder = holders.get(at);
    if (holder === undefined) {
      holders.set(at, name);
      return [];
    }
    const mend = 'Give each node an address of its own.';
    return [{ place, message: `${address} is the address of node ${holder} already`, mend }];
  });
}

const noNetwork = (networks: Networks, name: string, place: string): TopologyFault => ({
  place,
  message: `there is no network ${name}`,
  mend: `Use one of: ${Object.keys(networks).join(', ') || '(none defined)'}.`,
});

/** The engine gives an address of its own choice to whoever names none. */
function faultsOfAddress6(
  networks: Networks,
  network: string,
  text: string | undefined,
  place: string,
): TopologyFault[] {
  const { subnet6 } = networks[network]!;
  if (text !== undefined && subnet6 !== undefined) return faultsOfAddress(6, subnet6, text, place);
  if (text === undefined && subnet6 === undefined) return [];
  if (text === undefined) {
    const message = `network ${network} has IPv6 (${subnet6}), and the node no address there`;
    const subnet = parseSubnet(subnet6!);
    const example = subnet ? addressAt(subnet.base + 0x10n) : '2001:2:0:10::10';
    return [{ place, message, mend: `Give it one, for example ${example}.` }];
  }
  const mend = `Give the network a subnet6, for example 2001:2:0:10::/64, or remove the address.`;
  return [{ place, message: `network ${network} has no IPv6 (subnet6)`, mend }];
}

const EXAMPLES = {
  4: 'Write four numbers from 0 to 255, for example 198.18.10.10.',
  6: 'Write it as RFC 5952 has it, for example 2001:2:0:10::10, without a zone.',
} as const;

function faultsOfForm(family: Family, text: string, place: string): TopologyFault[] {
  const at = placeOf(text);
  if (at !== undefined && familyAt(at) === family) return [];
  return [{ place, message: `${text} is not an IPv${family} address`, mend: EXAMPLES[family] }];
}

/** Of a node on a network that there is. */
function faultsOfAddress(family: Family, cidr: string, text: string, place: string): TopologyFault[] {
  const subnet = parseSubnet(cidr);
  const unformed = faultsOfForm(family, text, place);
  if (unformed.length > 0) return unformed;
  if (!subnet || sizeOf(subnet) <= 2n) return [];
  const wrong = whyNot(subnet, placeOf(text)!);
  if (wrong === undefined) return [];
  const last = (family === 4 ? highestIn(subnet) : firstAnycast(subnet)) - 1n;
  const mend = `Use one from ${addressAt(subnet.base + 2n)} to ${addressAt(last)}.`;
  return [{ place, message: `${text} ${wrong}`, mend }];
}

function whyNot(subnet: Subnet, at: Place): string | undefined {
  const cidr = formatSubnet(subnet);
  if (!contains(subnet, at)) return `is outside ${cidr}`;
  if (at === gatewayOf(subnet)) return `is the bridge's own address in ${cidr}`;
  if (familyAt(at) === 4) {
    if (at === subnet.base) return `is the address of the network ${cidr} itself`;
    return at === highestIn(subnet) ? `is the broadcast address of ${cidr}` : undefined;
  }
  // RFC 4291, section 2.6.1.
  if (at === subnet.base) return `is the address of all routers of ${cidr}`;
  return at >= firstAnycast(subnet) && at < firstAnycast(subnet) + ANYCASTS
    ? `is reserved for anycast in ${cidr}`
    : undefined;
}

/** Of the interface identifiers fdff:ffff:ffff:ff80 to fdff:ffff:ffff:ffff (RFC 2526, section 2). */
const firstAnycast = (subnet: Subnet): Place => subnet.base + 0xfdff_ffff_ffff_ff80n;
const ANYCASTS = 128n;
