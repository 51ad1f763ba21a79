import { defineTopology } from '../lab/topology/define';

/**
 * The traditional architecture over IPv6: what clients say over it is copied, and so is nothing else. Nodes have an IPv4 address
 * as well, as Docker has it, of which the copy makes no use.
 */
export default defineTopology({
  name: 'traditional-ipv6',
  description: 'An nginx whose requests over IPv6 are copied live to a second nginx, over IPv6 as well.',
  networks: {
    lan: { subnet: '198.18.27.0/24', subnet6: '2001:2:0:27::/64', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.27.10', address6: '2001:2:0:27::10' },
    online: {
      role: 'online',
      network: 'lan',
      address: '198.18.27.20',
      address6: '2001:2:0:27::20',
      server: { kind: 'nginx', port: 80 },
    },
    test: {
      role: 'test',
      network: 'lan',
      address: '198.18.27.30',
      address6: '2001:2:0:27::30',
      server: { kind: 'nginx', port: 8080 },
    },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test', family: 6 }],
});
