import { defineTopology } from '../lab/topology/define';

/** Servers of both families: each client is copied in its own, by one tcpcopy, one intercept, and one queue. */
export default defineTopology({
  name: 'dual-stack',
  description:
    'An nginx whose clients come over IPv4 and over IPv6, and are copied over the same to a second one.',
  networks: {
    lan: { subnet: '198.18.28.0/24', subnet6: '2001:2:0:28::/64', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.28.10', address6: '2001:2:0:28::10' },
    online: {
      role: 'online',
      network: 'lan',
      address: '198.18.28.20',
      address6: '2001:2:0:28::20',
      server: { kind: 'nginx', port: 80 },
    },
    test: {
      role: 'test',
      network: 'lan',
      address: '198.18.28.30',
      address6: '2001:2:0:28::30',
      server: { kind: 'nginx', port: 8080 },
    },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});
