import { defineTopology } from '../lab/topology/define';

/** Many requests at a time share a connection, and their answers come in whatever order. */
export default defineTopology({
  name: 'http2',
  description:
    'An nginx that speaks HTTP/2 in clear text and is copied to a second one, byte by byte, under h2load.',
  networks: {
    lan: { subnet: '198.18.26.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.26.10' },
    online: {
      role: 'online',
      network: 'lan',
      address: '198.18.26.20',
      server: { kind: 'nginx-http2', port: 80 },
    },
    test: {
      role: 'test',
      network: 'lan',
      address: '198.18.26.30',
      server: { kind: 'nginx-http2', port: 8080 },
    },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  load: {
    run: ['h2load', '--requests=400', '--clients=4', '--max-concurrent-streams=10', 'http://online/bytes/1k'],
    node: 'client',
  },
});
