/** Who is who in one copy, in the addresses that frames carry. */
import type { Protocol } from '../../load/requests/schedule';
import type { Flavour } from '../../plan/flavour';

export interface SceneNode {
  readonly name: string;
  /** Dotted decimal. */
  readonly address: string;
}

export interface SceneClient extends SceneNode {
  /** CIDR: further addresses that its load comes from. */
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
  /** Of a data-link copy; in a traditional one there are none. */
  readonly assistants: readonly SceneAssistant[];
  /** Addresses that may use the test server directly, dotted decimal. */
  readonly passlist: readonly string[];
  /** Every node's network, for marks: where a broadcast reaches all of them. */
  readonly broadcast: string;
  /** The network that carries the copy, by its name in the topology. */
  readonly network: string;
}
