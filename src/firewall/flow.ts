/** The packets that a rule set is asked about: what is known of both their ends. */

export interface Flow {
  readonly source: End;
  readonly destination: End;
  /** Devices by which they come in, or go out; each packet by one of them. */
  readonly devices: readonly string[];
  readonly state: FlowState;
  /** They go from one port of a bridge to another; then the devices are bridges. Default: this machine sends or gets them. */
  readonly bridged?: boolean;
}

/**
 * What connection tracking calls the packets. `new`: those that open a connection; `any`: all of it; `invalid`: those behind
 * the first where the other half of the connection does not come by, as that of a copy, whose responses are caught.
 */
export type FlowState = 'new' | 'any' | 'invalid';

export interface End {
  readonly addresses: Addresses;
  /** Undefined for any. */
  readonly port: number | undefined;
}

/** All of the family whose rules are asked. */
export type Addresses =
  | { readonly are: 'among'; readonly list: readonly string[] }
  | { readonly are: 'all-but'; readonly list: readonly string[] };

export const ANYBODY: Addresses = { are: 'all-but', list: [] };

/** A server whose responses are to be caught. */
export interface CopiedServer {
  /** Of one family. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** By which its responses go out. */
  readonly devices: readonly string[];
  /** Who may hear them. */
  readonly passlist: readonly string[];
}

export const responsesOf = ({ addresses, port, devices, passlist }: CopiedServer): Flow => ({
  source: { addresses: { are: 'among', list: addresses }, port },
  destination: { addresses: { are: 'all-but', list: passlist }, port: undefined },
  devices,
  state: 'any',
});

/** What clients, or their copies, say to the port first. */
export const requestsTo = (
  addresses: readonly string[],
  port: number,
  devices: readonly string[],
  from: Addresses = ANYBODY,
): Flow => ({
  source: { addresses: from, port: undefined },
  destination: { addresses: { are: 'among', list: addresses }, port },
  devices,
  state: 'new',
});

/** What a copy says to its test server, as it passes between two ports of a bridge. */
export const acrossBridge = (
  bridge: string,
  from: readonly string[],
  to: { readonly address: string; readonly port: number },
  state: FlowState,
): Flow => ({
  source: { addresses: { are: 'among', list: from }, port: undefined },
  destination: { addresses: { are: 'among', list: [to.address] }, port: to.port },
  devices: [bridge],
  state,
  bridged: true,
});
