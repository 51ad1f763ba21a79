/** Places on an internal network of its own for what stands beside a server. */
import { addressAt, formatSubnet, overlap, parseSubnet, sizeOf, type Subnet } from '../topology/addresses';
import type { TopologyFault } from '../topology/faults';
import type { Beside, BesideService, Needs } from '../topology/servers/services';
import type { TopologyFile, TopologyNetwork } from '../topology/types';

/** Above what topologies are usually written with. */
const first: Subnet = parseSubnet('198.19.0.0/27')!;
const size = sizeOf(first);
/** The network itself, the bridge, the node, and the address of everybody. */
const services_max = Number(size) - 4;
/** The bridge has the first address. */
const nodeAt = 2;

export type PlacedService = Omit<BesideService, 'address'>;

/** Networks of a topology, and those that are added to them. */
export class BesideNetworks {
  readonly #added: Record<string, TopologyNetwork> = {};

  constructor(private readonly file: TopologyFile) {}

  get networks(): Record<string, TopologyNetwork> {
    return { ...this.file.networks, ...this.#added };
  }

  /**
   * @param services by name, each after those that it needs
   * @param needs of the server itself
   */
  place(
    node: string,
    services: ReadonlyMap<string, PlacedService>,
    needs: Needs,
    place: string,
    faults: TopologyFault[],
  ): Beside {
    const network = `${node}-beside`;
    if (Object.hasOwn(this.file.networks, network)) {
      const mend = 'Give that network another name.';
      faults.push({ place, message: `${network} is what the network beside ${node} is called`, mend });
    }
    if (services.size > services_max) {
      const message = `${services.size} services are more than fit beside a server`;
      faults.push({ place, message, mend: `At most ${services_max} do.` });
    }
    for (const name of [...services.keys()].filter((one) => Object.hasOwn(this.file.nodes, one))) {
      const mend = 'Give the node another name: both would be known by it.';
      faults.push({
        place: `nodes.${name}`,
        message: `a service beside ${node} has this name as well`,
        mend,
      });
    }
    const subnet = this.#freeSubnet();
    this.#added[network] = { subnet: formatSubnet(subnet), internal: true };
    const address = (index: number): string => addressAt(subnet.base + BigInt(index));
    const placed = [...services].map(([name, service], index): [string, BesideService] => [
      name,
      { ...service, address: address(nodeAt + 1 + index) },
    ]);
    return { network, address: address(nodeAt), needs, services: Object.fromEntries(placed) };
  }

  #freeSubnet(): Subnet {
    const taken = Object.values(this.networks).flatMap(({ subnet }) => parseSubnet(subnet) ?? []);
    let { base } = first;
    while (taken.some((other) => overlap(other, { base, prefix: first.prefix }))) base += size;
    return { base, prefix: first.prefix };
  }
}
