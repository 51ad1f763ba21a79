/** What this machine has for labs. */
import type { EngineSurvey } from '../engine/survey';
import type { BridgeFirewall } from './bridge-firewall';
import type { Topology } from '../topology/types';

export interface HostFacts {
  /** Undefined when none answers. */
  readonly engine: EngineSurvey | undefined;
  /** Why none answers. */
  readonly engineFault: string | undefined;
  readonly missingPackages: readonly string[];
  readonly kernel: KernelFacts;
  /** net.bridge.bridge-nf-call-iptables; undefined where bridges know nothing of it. */
  readonly bridgesAskIptables: boolean | undefined;
  /** Undefined where it cannot be read. */
  readonly firewall: BridgeFirewall | undefined;
  readonly hasMmdebstrap: boolean;
  /** Those that are asked about. */
  readonly topologies: readonly Topology[];
}

export interface KernelFacts {
  /** What became of an NFQUEUE rule in a network namespace that was made for the question. */
  readonly queueRule: Probe;
  /** `iptables v1.8.9 (nf_tables)`. */
  readonly iptables: string | undefined;
  readonly packetSockets: boolean;
}

export type Probe =
  | { readonly kind: 'works' }
  | { readonly kind: 'fails'; readonly reason: string }
  /** @property reason why it could not be asked */
  | { readonly kind: 'not-asked'; readonly reason: string };
