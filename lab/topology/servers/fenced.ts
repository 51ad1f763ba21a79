import type { ServiceServer } from './services';
import type { TopologyNode } from '../types';

/** A fence stands around it: a container of the user's gets copied orders there. */
export type FencedNode = TopologyNode<ServiceServer> & {
  readonly role: 'test';
  readonly server: ServiceServer;
};

export const isFenced = (node: TopologyNode): node is FencedNode =>
  node.role === 'test' && node.server?.kind === 'service';
