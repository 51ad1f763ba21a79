/** Who is who in one copy, in the addresses that frames carry. */
import type { Protocol } from '../load/schedule';

export interface SceneNode {
  readonly name: string;
  /** Dotted decimal. */
  readonly address: string;
}

export interface SceneServer extends SceneNode {
  readonly port: number;
}

export interface Scene {
  readonly protocol: Protocol;
  readonly clients: readonly SceneNode[];
  readonly online: SceneServer;
  readonly test: SceneServer;
  /** Addresses that may use the test server directly, dotted decimal. */
  readonly passlist: readonly string[];
  /** Every node's network, for marks: where a broadcast reaches all of them. */
  readonly broadcast: string;
  /** The network that carries the copy, by its name in the topology. */
  readonly network: string;
}
