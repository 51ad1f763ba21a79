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

const onlineToo = { ...online, address: '198.18.14.21' } as const;
const testToo = { ...test, address: '198.18.14.31' } as const;
const twinCopies = [
  { architecture: 'traditional', from: 'online', to: 'test' },
  { architecture: 'traditional', from: 'online-too', to: 'test-too' },
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

/** Servers for two candidates at the same time. */
export const twinTopologies: Readonly<Record<CostKind, Topology>> = {
  http: defineTopology({
    name: 'bench-twins',
    description: 'Two nginx, each of which is copied to one of its own by another build of the two programs.',
    networks,
    nodes: {
      client,
      online: { ...online, server: { kind: 'nginx', port: 80 } },
      test: { ...test, server: { kind: 'nginx', port: 8080 } },
      'online-too': { ...onlineToo, server: { kind: 'nginx', port: 80 } },
      'test-too': { ...testToo, server: { kind: 'nginx', port: 8080 } },
    },
    copies: twinCopies,
  }),
  redis: defineTopology({
    name: 'bench-twins-redis',
    description: 'Two Redis, each of which is copied to one of its own by another build of the two programs.',
    networks,
    nodes: {
      client,
      online: { ...online, server: { kind: 'redis', port: 6379 } },
      test: { ...test, server: { kind: 'redis', port: 6379 } },
      'online-too': { ...onlineToo, server: { kind: 'redis', port: 6379 } },
      'test-too': { ...testToo, server: { kind: 'redis', port: 6379 } },
    },
    copies: twinCopies,
  }),
};
