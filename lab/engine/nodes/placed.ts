/** What a node's container is, whoever starts it: two capabilities, nothing else, and nowhere to write but memory. */
import type { Container, EndpointSettings } from 'dockerode';

/** What iptables, NFQUEUE, packet sockets and raw sockets need, and all that a node has. */
export const CAPABILITIES = ['NET_ADMIN', 'NET_RAW'] as const;

/** Where nginx, Redis, iptables and our programs write. */
export const WRITABLE = {
  '/run': 'rw,exec,size=128m',
  '/tmp': 'rw,exec,size=1g',
  '/root': 'rw,size=1g',
  '/var/log': 'rw,size=512m',
  '/var/lib/nginx': 'rw,size=512m',
};

/** It only sleeps, so a container that was started is ready. */
export const COMMAND = ['sleep', 'infinity'];

/** What differs between nodes. */
export interface Placed {
  readonly name: string;
  readonly labelled: Readonly<Record<string, string>>;
  readonly hostname?: string;
  /** Docker's network, and what of it. */
  readonly network: string;
  readonly endpoint?: EndpointSettings;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly neighbours?: readonly (readonly [name: string, address: string])[];
  /** A folder of this machine, and where it is seen, read-only. */
  readonly folder?: { readonly from: string; readonly to: string };
}

export type StartPlaced = (image: string, placed: Placed) => Promise<Container>;
