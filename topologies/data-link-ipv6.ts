import { defineTopology } from '../lab/topology/define';

/** The data-link architecture over IPv6: a route leads the test server's answers to the clients' addresses to an assistant. */
export default defineTopology({
  name: 'data-link-ipv6',
  description:
    'An nginx whose requests over IPv6 are copied live to a second nginx; its answers are routed to an assistant.',
  networks: {
    lan: { subnet: '198.18.29.0/24', subnet6: '2001:2:0:29::/64', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.29.130', address6: '2001:2:0:29::8030' },
    online: {
      role: 'online',
      network: 'lan',
      address: '198.18.29.20',
      address6: '2001:2:0:29::20',
      server: { kind: 'nginx', port: 80 },
    },
    test: {
      role: 'test',
      network: 'lan',
      address: '198.18.29.30',
      address6: '2001:2:0:29::30',
      server: { kind: 'nginx', port: 8080 },
    },
    assistant: { role: 'assistant', network: 'lan', address: '198.18.29.40', address6: '2001:2:0:29::40' },
  },
  copies: [
    {
      architecture: 'data-link',
      from: 'online',
      to: 'test',
      family: 6,
      routes: [{ sources: '2001:2:0:29::8000/113', via: 'assistant' }],
    },
  ],
});
