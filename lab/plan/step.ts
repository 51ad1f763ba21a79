/** What a plan is made of: plain data that is printed as well as it is carried out. */

/** A command without a shell, in a node. */
export interface NodeCommand {
  readonly node: string;
  readonly argv: readonly string[];
}

/** A command whose outcome tells whether something holds; it is repeated until it does or the time is over. */
export interface Check extends NodeCommand {
  /** What holds when the check passes, as half a sentence: `the rule is in place`. */
  readonly holds: string;
  readonly expect: Expectation;
  readonly within_ms: number;
}

/** What a check's command must do. */
export interface Expectation {
  readonly exitCode?: number;
  /** A regular expression (flag m) that standard output must match. */
  readonly stdout?: string;
  /** True when standard output must be empty. */
  readonly silent?: boolean;
}

/** A container of the user's, in the network namespace of a node or beside it. */
export interface ServiceName {
  readonly node: string;
  readonly service: string;
}

/**
 * What a step does. Networks, nodes and the user's containers are the engine's to make; all else is a command inside a
 * node.
 */
export type Action =
  | { readonly kind: 'network'; readonly network: string }
  | { readonly kind: 'node'; readonly node: string }
  /** Takes a machine that is there: it is looked whether it fits, and the programs of the lab are brought there. */
  | { readonly kind: 'machine'; readonly node: string }
  /**
   * Has the firewall of this machine let pass, between two ports of each network's bridge, what comes from another network or
   * goes there. It goes with the networks.
   */
  | { readonly kind: 'forwarding'; readonly networks: readonly string[] }
  /** Puts a node on a further network. */
  | {
      readonly kind: 'join';
      readonly node: string;
      readonly network: string;
      readonly address: string;
      readonly address6?: string;
    }
  /** Starts a container of ours whose network namespace a container of the user's beside a node will have. */
  | ({ readonly kind: 'holder' } & ServiceName)
  /** Starts it, and waits until it is ready. */
  | ({ readonly kind: 'service' } & ServiceName)
  | ({ readonly kind: 'command' } & NodeCommand);

/** One thing that the undoing of a step does. Its failure is told but never stops the teardown. */
export type Undo =
  | { readonly title: string; readonly kind: 'network'; readonly network: string }
  | { readonly title: string; readonly kind: 'node'; readonly node: string }
  /** Nothing of the lab is left there. */
  | { readonly title: string; readonly kind: 'machine'; readonly node: string }
  /** A node is on it no more. */
  | { readonly title: string; readonly kind: 'leave'; readonly node: string; readonly network: string }
  | ({ readonly title: string; readonly kind: 'service' } & ServiceName)
  | ({ readonly title: string; readonly kind: 'command'; readonly checks: readonly Check[] } & NodeCommand);

export interface PlanStep {
  /** Unique in the plan, for example `server:online`. */
  readonly id: string;
  readonly title: string;
  readonly action: Action;
  /** Ids of the steps that must have succeeded before. */
  readonly needs: readonly string[];
  /** What must hold afterwards. */
  readonly checks: readonly Check[];
  /** In this order. */
  readonly undo: readonly Undo[];
}

/** What a person does once the plan is carried out: a command, or what the title says. */
export interface ManualStep extends Partial<NodeCommand> {
  readonly title: string;
}

export interface Plan {
  readonly topology: string;
  /** Each step comes after those that it needs. */
  readonly steps: readonly PlanStep[];
  readonly byHand: readonly ManualStep[];
}
