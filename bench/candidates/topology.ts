import { defineTopology } from '../../lab/topology/define';
import type { Topology } from '../../lab/topology/types';

export type CostKind = 'http' | 'redis';

const networks = { lan: { subnet: '198.18.14.0/24', internal: true } } as const;
const client = { role: 'client', network: 'lan', address: '198.18.14.130' } as const;
const online = { role: 'online', network: 'lan', address: '198.18.14.20' } as const;
const test = { role: 'test', network: 'lan', address: '198.18.14.30' } as const;
const assistant = { role: 'assistant', network: 'lan', address: '198.18.14.40' } as const;
const copies = [
  {
    architecture: 'data-link',
    from: 'online',
    to: 'test',
    routes: [{ sources: '198.18.14.128/25', via: 'assistant' }],
  },
] as const;

/** One lab for every candidate: the traditional copies leave the assistant alone, which the data-link ones need. */
export const costTopologies: Readonly<Record<CostKind, Topology>> = {
  http: defineTopology({
    name: 'bench-cost',
    description: 'An nginx that is copied to a second one, by one build of the two programs after the other.',
    networks,
    nodes: {
      client,
      online: { ...online, server: { kind: 'nginx', port: 80 } },
      test: { ...test, server: { kind: 'nginx', port: 8080 } },
      assistant,
    },
    copies,
  }),
  redis: defineTopology({
    name: 'bench-cost-redis',
    description: 'A Redis that is copied to a second one, by one build of the two programs after the other.',
    networks,
    nodes: {
      client,
      online: { ...online, server: { kind: 'redis', port: 6379 } },
      test: { ...test, server: { kind: 'redis', port: 6379 } },
      assistant,
    },
    copies,
  }),
};
