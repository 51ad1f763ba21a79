import { defineTopology } from '../lab/topology/define';

const server = {
  build: '../images/servers/memcached',
  port: 11211,
  ready: { tcp: 11211 },
} as const;

/** A server that the lab knows nothing of but its bytes, and a load of its own kind. */
export default defineTopology({
  name: 'memcached',
  description: 'A memcached that is copied to a second one, byte by byte, under memcslap.',
  networks: {
    lan: { subnet: '198.18.16.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.16.10' },
    online: { role: 'online', network: 'lan', address: '198.18.16.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.16.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  load: {
    run: ['memcslap', '--servers=online', '--concurrency=4', '--execute-number=100', '--test=set'],
    node: 'client',
    build: '../images/servers/memcached',
  },
});
