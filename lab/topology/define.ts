/**
 * `defineTopology` refuses to compile what TypeScript can know to be wrong: a node on a network that does not exist, a
 * copy between nodes that are not there or have the wrong role or no server, a data-link copy without an assistant.
 */
import type { Family } from './addresses';
import type { WrittenLoad } from './servers/load';
import type { WrittenOutside } from './servers/outside';
import type { BuiltInServer, PresentServer, WrittenServer } from './servers/servers';
import type { Role, Topology, TopologyFile, TopologyLink, TopologyNetwork, TopologyNode } from './types';

type NodeOn<Network extends string> = Omit<
  TopologyNode<WrittenServer>,
  'network' | 'networks' | 'networks6'
> & {
  readonly network: Network;
  readonly networks?: Readonly<Partial<Record<Network, string>>>;
  readonly networks6?: Readonly<Partial<Record<Network, string>>>;
};

/** The names of those nodes that have the role. */
type NamesOfRole<Nodes, Wanted extends Role> = {
  [Name in keyof Nodes]: Nodes[Name] extends { readonly role: Wanted } ? Name : never;
}[keyof Nodes];

/** The names of those nodes that have the role and a server. */
type NamesOfServers<Nodes, Wanted extends Role> = {
  [Name in keyof Nodes]: Nodes[Name] extends { readonly role: Wanted; readonly server: WrittenServer }
    ? Name
    : never;
}[keyof Nodes];

interface CopyOptions<Nodes> {
  readonly from: NamesOfServers<Nodes, 'online'>;
  readonly to: NamesOfServers<Nodes, 'test'>;
  readonly family?: Family;
  readonly tcpcopy?: readonly string[];
  readonly intercept?: readonly string[];
}

interface RouteWithin<Nodes> {
  readonly sources: string;
  readonly via: NamesOfRole<Nodes, 'assistant'>;
}

type CopyWithin<Nodes> =
  | (CopyOptions<Nodes> & { readonly architecture: 'traditional' | 'offline'; readonly routes?: never })
  | (CopyOptions<Nodes> & {
      readonly architecture: 'data-link';
      readonly routes: readonly [RouteWithin<Nodes>, ...RouteWithin<Nodes>[]];
    });

interface Definition<
  Networks extends Readonly<Record<string, TopologyNetwork>>,
  Nodes extends Readonly<Record<string, NodeOn<keyof Networks & string>>>,
  Load extends WrittenLoad | undefined,
> {
  /** Lower-case letters, digits and dashes; the default name of a lab made from it. */
  readonly name: string;
  /** One sentence: what this topology teaches. */
  readonly description: string;
  readonly networks: Networks;
  readonly nodes: Nodes;
  readonly copies: readonly CopyWithin<NoInfer<Nodes>>[];
  /** Name of a network -> what impairs it. */
  readonly links?: Readonly<Partial<Record<keyof Networks & string, TopologyLink>>>;
  /** What `verify` plays and proves in the place of the lab's own load. */
  readonly load?: Load & { readonly node: NamesOfRole<NoInfer<Nodes>, 'client'> };
  /** Who the test side's services may call, and who answers them. */
  readonly outside?: WrittenOutside;
}

/** Where neither a server nor the load is a container of the user's, nothing is left to be read. */
type Defined<Nodes, Load> =
  Nodes extends Readonly<Record<string, TopologyNode<BuiltInServer | PresentServer>>>
    ? Load extends { readonly image: string } | { readonly build: string }
      ? TopologyFile
      : Topology
    : TopologyFile;

/** Gives back the topology as plain data. What only a run can know is checked by `parseTopology`. */
export function defineTopology<
  const Networks extends Readonly<Record<string, TopologyNetwork>>,
  const Nodes extends Readonly<Record<string, NodeOn<keyof Networks & string>>>,
  const Load extends WrittenLoad | undefined = undefined,
>(definition: Definition<Networks, Nodes, Load>): Defined<Nodes, Load> {
  return definition as unknown as Defined<Nodes, Load>;
}
