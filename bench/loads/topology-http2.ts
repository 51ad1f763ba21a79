import { defineTopology } from '../../lab/topology/define';

/** The traditional architecture, with servers that speak HTTP/2 in clear text: many requests at once in a connection. */
export default defineTopology({
  name: 'traditional-http2',
  description: 'An nginx that speaks HTTP/2 in clear text, copied live to a second one.',
  networks: {
    lan: { subnet: '198.18.12.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.12.10' },
    online: {
      role: 'online',
      network: 'lan',
      address: '198.18.12.20',
      server: { kind: 'nginx-http2', port: 80 },
    },
    test: {
      role: 'test',
      network: 'lan',
      address: '198.18.12.30',
      server: { kind: 'nginx-http2', port: 8080 },
    },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});
