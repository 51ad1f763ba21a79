/** Who is who in one copy, in the addresses that frames carry. */
import type { Protocol } from '../../load/requests/schedule';
import type { OwnCopies } from '../../../src/passlist/passlist';
import type { Flavour } from '../../plan/flavour';

export interface SceneNode {
  readonly name: string;
  /** The first of `addresses`. */
  readonly address: string;
  /** By which the copy knows it: one of each family that is copied, IPv4 first. */
  readonly addresses: readonly string[];
  /** Of its network; by default that of containers. */
  readonly device?: string;
}

/** The device of containers' first network. */
const FIRST_DEVICE = 'eth0';

export const sceneDevice = ({ device = FIRST_DEVICE }: SceneNode): string => device;

export interface SceneClient extends SceneNode {
  /** CIDR: further addresses that its load comes from, where that is of their family. */
  readonly sources?: string | undefined;
}

export interface SceneServer extends SceneNode {
  readonly port: number;
}

/** Where the test server routes its responses to. */
export interface SceneAssistant extends SceneNode {
  /** Hardware address, as Linux prints it: frames to it end there. */
  readonly hardware: string;
  /** CIDR: whose responses are routed to it. */
  readonly sources: readonly string[];
  /** Whom the test server hands them to: itself, or the first router on the way, by range (`sources`). */
  readonly gateways: Readonly<Record<string, string>>;
  /** The routers on the way. */
  readonly by: readonly PassedRouter[];
}

export interface PassedRouter {
  readonly name: string;
  /** By which responses come in: frames to its hardware address are not at their end yet, and not astray either. */
  readonly device: string;
  readonly hardware: string;
  /** Whom it hands them to, by range of the assistant's (`sources`). */
  readonly nexts: Readonly<Record<string, string>>;
  /** By which routing table it does: range of the assistant's (`sources`) -> number. */
  readonly tables: Readonly<Record<string, number>>;
}

/** A node that is told of by its hardware address, so that nobody has to be asked for it. */
export interface MarkedNode {
  readonly address: string;
  readonly hardware: string;
}

/** A network that a response could get to. */
export interface SceneNetwork {
  /** In the topology. */
  readonly name: string;
  readonly broadcast: string;
  /** Who is sent marks where no broadcast is carried; none where one is. */
  readonly marked: readonly MarkedNode[];
  /** Names of the engines that it spans; none where it is on one. */
  readonly engines: readonly string[];
  /** Frames of IPv6 are to be seen on it, and marks of it. */
  readonly hasIpv6: boolean;
}

/** What lets packets on between networks. */
export interface SceneRouter {
  readonly name: string;
  readonly footholds: readonly RouterFoothold[];
}

export interface RouterFoothold {
  readonly network: string;
  readonly addresses: readonly string[];
  readonly device: string;
  readonly hardware: string;
}

export interface Scene {
  /** Whose programs copy. */
  readonly flavour: Flavour;
  /** `bytes`: it is not known what clients say, and where a request ends. */
  readonly protocol: Protocol | 'bytes';
  readonly clients: readonly SceneClient[];
  readonly online: SceneServer;
  readonly test: SceneServer & {
    /** Hardware address, as Linux prints it, where it is known: what comes from it is the test server's. */
    readonly hardware?: string;
  };
  /** Where one stands around the test server: its own addresses, and those (also CIDR) that its service may call. */
  readonly fence?: { readonly own: readonly string[]; readonly inside: readonly string[] };
  /** Of a data-link copy; in a traditional one there are none. */
  readonly assistants: readonly SceneAssistant[];
  /** Addresses of either family that may use the test server directly. */
  readonly passlist: readonly string[];
  /** Ports of these that copies come from. */
  readonly ownCopies: readonly OwnCopies[];
  /** The test server's network. */
  readonly network: string;
  readonly broadcast: string;
  /** That one, others that the test server is on, and those that routers let on to. */
  readonly networks: readonly SceneNetwork[];
  readonly routers: readonly SceneRouter[];
}
