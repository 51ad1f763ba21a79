import { defineTopology } from '../lab/topology/define';

/** The traditional architecture with another protocol: nothing in the copy knows what it carries. */
export default defineTopology({
  name: 'traditional-redis',
  description:
    'A Redis whose commands are copied live to a second Redis, as the traditional architecture does.',
  networks: {
    lan: { subnet: '198.18.11.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.11.10' },
    online: {
      role: 'online',
      network: 'lan',
      address: '198.18.11.20',
      server: { kind: 'redis', port: 6379 },
    },
    test: { role: 'test', network: 'lan', address: '198.18.11.30', server: { kind: 'redis', port: 6379 } },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});
