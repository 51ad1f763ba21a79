/** What the engines that a lab is to span are, and what passes between their machines. */
import type { ClockReading } from '../clocks/clock-between';
import type { Probe } from './host-facts';

export interface EngineFacts {
  readonly name: string;
  /** As it was said. */
  readonly address: string;
  /** Why it does not answer; the rest is then undefined. */
  readonly fault: string | undefined;
  readonly survey: EngineFigures | undefined;
  readonly swarm: SwarmFacts | undefined;
  /** Undefined where no node of ours could ask. */
  readonly features: Readonly<Record<Feature, Probe>> | undefined;
}

export interface EngineFigures {
  readonly version: string;
  /** For example 1.41. */
  readonly apiVersion: string;
  /** As `uname -m` says it. */
  readonly architecture: string;
  readonly kernel: string;
}

export interface SwarmFacts {
  /** `inactive`, `pending`, `active`, `error` or `locked`. */
  readonly state: string;
  readonly isManager: boolean;
  /** Its own id in the swarm, empty without one. */
  readonly id: string;
  /** Where others of the swarm reach it, of either family; empty without one. */
  readonly address: string;
  /** Of a manager: how the members stand by its word, by their ids: `ready`, `down`. */
  readonly members: Readonly<Record<string, string>>;
}

/** Of a kernel. */
export type Feature = 'nfqueue' | 'packet-sockets' | 'vxlan';

export const SWARM_PORTS = ['2377/tcp', '7946/tcp', '7946/udp', '4789/udp'] as const;
export type SwarmPort = (typeof SWARM_PORTS)[number];

/**
 * What became of what was sent to a port: `came` past the firewall there; `stopped` by that; `lost` before; `refused` to be sent at
 * all; `unanswered`, where it came and the answer did not.
 */
export type PortFate = 'came' | 'stopped' | 'lost' | 'refused' | 'unanswered';

/** From one engine's machine to another's. */
export interface WayFacts {
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly ports: Readonly<Partial<Record<SwarmPort, PortFate>>>;
  /** The largest IP packet that came, of those up to what tunnels need; undefined where none did. */
  readonly carried_bytes: number | undefined;
  /** By which packets leave; undefined where there is no route. */
  readonly device: { readonly name: string; readonly mtu_bytes: number } | undefined;
}

export interface ClockFacts {
  readonly engine: string;
  /** The first engine. */
  readonly reference: string;
  readonly reading: ClockReading;
}

export interface EnginesFacts {
  readonly engines: readonly EngineFacts[];
  readonly ways: readonly WayFacts[];
  readonly clocks: readonly ClockFacts[];
  /** Why ways, clocks and kernels were not asked; undefined where they were. */
  readonly notProbed: { readonly reason: string; readonly mend: string } | undefined;
  /** Names of engines whose address towards the others is not known, so that no way leads there. */
  readonly nowhere: readonly string[];
}

/** What an overlay's packets of 1,450 bytes take with their tunnel: Ethernet 14, VXLAN 8, UDP 8, IPv4 20 (RFC 7348, section 4.3). */
export const TUNNEL_BYTES = 1500;
