/** A running lab as other rooms see it: nodes that commands can be run in. Docker stays behind this interface. */
import type { Readable, Writable } from 'node:stream';
import type { Flavour } from '../../plan/flavour';
import type { Topology, TopologyNode } from '../../topology/types';

export interface ExecOptions {
  /** Written to the command's standard input. */
  readonly input?: Uint8Array | string;
  /** The command is ended after this long and the call rejects. Default 60 s. */
  readonly timeout_ms?: number;
  /** Ends the command; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A command that goes on in a node until it ends by itself or is stopped. */
export interface RunningCommand {
  /** What it wrote to standard error so far. */
  readonly stderr: () => string;
  /** Sends SIGINT (SIGKILL after `grace_ms`, default 5,000) and resolves when it has ended. */
  stop(grace_ms?: number): Promise<ExecResult>;
  /** Resolves when it ends by itself or was stopped. */
  readonly ended: Promise<ExecResult>;
}

/** A command that is talked with: what it says is read while it runs, and the end of its input tells it to end. */
export interface Conversation {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** What it wrote to standard error so far. */
  readonly stderr: () => string;
  /** Resolves when it has ended, also when the node is gone. */
  readonly ended: Promise<void>;
}

export interface LabNode {
  readonly name: string;
  readonly definition: TopologyNode;
  /** Runs `argv` without a shell; a non-zero exit status is a result, not an error. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts `argv` and returns as soon as it runs; its output is collected. */
  start(argv: readonly string[]): Promise<RunningCommand>;
  /**
   * Starts `argv` and returns as soon as it runs. The engine ends its input also when this program is killed, so a
   * command that ends with its input is never left behind.
   */
  converse(argv: readonly string[]): Promise<Conversation>;
  /** The whole file. Rejects with the node's and file's name when it cannot be read. */
  readFile(path: string): Promise<Buffer>;
  writeFile(path: string, content: Uint8Array | string): Promise<void>;
}

/** Where a network can be watched from outside of its nodes. */
export interface Vantage {
  /** The pseudo-node of that machine. */
  readonly node: LabNode;
  readonly device: string;
  /** Name of the engine there; undefined where there is one. */
  readonly engine?: string | undefined;
  /** The number of the tunnels (VXLAN network identifier) that the frames are in, where they are. */
  readonly tunnels?: number;
}

export interface RunningLab {
  readonly name: string;
  readonly topology: Topology;
  /** What its tcpcopy and intercept are. Only ours have counters, and logs that can be read by programs. */
  readonly flavour: Flavour;
  readonly nodes: readonly LabNode[];
  /** Throws when the topology has no node of that name. */
  node(name: string): LabNode;
  /**
   * A pseudo-node in the host's network namespace (NET_ADMIN and NET_RAW only), started when first asked for and
   * removed with the lab: from there the bridges can be tapped.
   */
  host(): Promise<LabNode>;
  /**
   * From where all is seen that comes from one node of a network to another: its bridge, or, where it spans engines, the port of
   * each machine that its tunnels leave by. What the nodes of one machine say to each other shows there only at the nodes.
   */
  vantages(network: string): Promise<readonly Vantage[]>;
  /** The host's bridge interface of one of the lab's networks, for example `br-0123456789ab`; of machines' own, its device there. */
  bridge(network: string): string;
}
