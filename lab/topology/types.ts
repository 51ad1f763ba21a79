/** A topology is inert data: what a lab is made of. Running labs are another thing (lab/engine). */
import type { TopologyLoad, WrittenLoad } from './servers/load';
import type { Outside, WrittenOutside } from './servers/outside';
import type { BuiltInServer, PresentServer, WrittenServer } from './servers/servers';
import type { ServiceServer } from './servers/services';
import type { Family } from './addresses';

/** A `router` lets packets on between its networks. */
export type Role = 'client' | 'online' | 'test' | 'assistant' | 'router';

export interface TopologyNetwork {
  /** CIDR within 198.18.0.0/15, for example `198.18.10.0/24`; of machines' own network, whatever they have. */
  readonly subnet: string;
  /** A /64 within 2001:2::/48, for example `2001:2:0:10::/64`; each node on the network then has an `address6`. */
  readonly subnet6?: string;
  /** Always true in shipped topologies: nothing may leave the machine. False of machines' own network. */
  readonly internal: boolean;
  /** Of machines' own network: the device of the engine's machine that is on it, by which nodes in containers are as well. */
  readonly device?: string;
  /** Packets under an address that their sender does not have are dropped, as in clouds. */
  readonly ownSourcesOnly?: boolean;
}

/** How a network impairs what its nodes say to each other. */
export interface TopologyLink {
  /** Percent of the packets that come to a node, in tenths, at most 30. */
  readonly loss?: number;
  /** What a node can send, in 1,000,000 bits a second; a whole number. */
  readonly rate_mbit?: number;
  /** How much longer each packet to a node takes, in tenths of a millisecond at the finest. */
  readonly delay_ms?: number;
  /** Percent of what is to be delayed that is not, and so overtakes the rest. */
  readonly reorder?: number;
  /** Which packets are lost, and which overtake (netem has no seed). Default 1. */
  readonly seed?: number;
}

/** A server as it is started; readers of its `kind` know them all. */
export type TopologyServer = BuiltInServer | ServiceServer | PresentServer;

/** A machine that is there already, and is a node as it is. */
export interface OnMachine {
  /** As ssh takes it: `ops@host`, a name of its configuration, or `ssh://ops@host:2222`. */
  readonly ssh: string;
  /** Its device that has the node's address, for example `eth0`. */
  readonly device: string;
}

export interface TopologyNode<Server = TopologyServer> {
  readonly role: Role;
  readonly network: string;
  /** IPv4 address within the network's subnet; a node is known by it, on whatever network somebody asks. */
  readonly address: string;
  /** Name of a further network -> the node's address there. */
  readonly networks?: Readonly<Record<string, string>>;
  /** IPv6 address within the network's `subnet6`. */
  readonly address6?: string;
  /** Name of a further network -> the node's IPv6 address there. */
  readonly networks6?: Readonly<Record<string, string>>;
  /** Of clients: CIDR of further addresses of either family, from which the load of `verify` comes. */
  readonly sources?: string;
  /**
   * Name of the engine that it runs on, where there are several (`--engine`); without it the lab places it by its role. Or a
   * machine that is there already.
   */
  readonly on?: string | OnMachine;
  readonly server?: Server;
}

/** A route of the test server: what it answers to these addresses goes to an assistant, which lets nothing on. */
export interface TopologyRoute {
  /** CIDR: addresses that copies are sent from, those of the clients or those that `-c` gives them. */
  readonly sources: string;
  /** Name of an assistant node. */
  readonly via: string;
}

/** What is copied from where to where. */
export interface TopologyCopy {
  /** `offline`: nothing is copied live; a capture is recorded, and played on the test server, by hand. */
  readonly architecture: 'traditional' | 'data-link' | 'offline';
  /** Name of an online node that has a server. */
  readonly from: string;
  /** Name of a test node that has a server. */
  readonly to: string;
  /** Clients of this family only; by default of each in which both servers have an address. */
  readonly family?: Family;
  /**
   * Traditional only: who puts the rule of the guard there. `rule`, by default: the plan, as a person does, before intercept;
   * `intercept`: that program itself (`--guard`), which keeps it, and takes it away last.
   */
  readonly guard?: 'rule' | 'intercept';
  /** Data-link only, and there at least one. */
  readonly routes?: readonly TopologyRoute[];
  /** Further command-line arguments of tcpcopy, as typed. */
  readonly tcpcopy?: readonly string[];
  /** Further command-line arguments of intercept, as typed. */
  readonly intercept?: readonly string[];
}

/**
 * @typeParam Server what there is to know of a node's server @typeParam Load the same of a load
 * @typeParam Around the same of the outside
 */
export interface TopologyWith<Server, Load, Around> {
  readonly name: string;
  /** One sentence: what this topology teaches. */
  readonly description: string;
  readonly networks: Readonly<Record<string, TopologyNetwork>>;
  readonly nodes: Readonly<Record<string, TopologyNode<Server>>>;
  readonly copies: readonly TopologyCopy[];
  /** Name of a network -> what impairs it. */
  readonly links?: Readonly<Record<string, TopologyLink>>;
  /** What `verify` plays and proves in the place of the lab's own load. */
  readonly load?: Load;
  /** Who the test side's services may call, and who answers them. */
  readonly outside?: Around;
}

/** What a file holds: images, builds and Compose files are named, and not looked at yet. */
export type TopologyFile = TopologyWith<WrittenServer, WrittenLoad, WrittenOutside>;

/** What a lab is started from. */
export type Topology = TopologyWith<TopologyServer, TopologyLoad, Outside>;

/** What is known of both. */
export type AnyTopology = TopologyWith<
  { readonly port: number },
  { readonly node: string },
  Readonly<Record<string, unknown>>
>;
