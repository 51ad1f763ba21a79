import { defineTopology } from '../lab/topology/define';

/**
 * Clients, online server, test server and assistant on four networks. What the test server answers to the clients' addresses
 * passes the router, which has a way to them: a policy there hands it to the assistant instead.
 */
export default defineTopology({
  name: 'routed-data-link',
  description:
    'An nginx that is copied to one on another network, whose answers a router hands to an assistant on a fourth.',
  networks: {
    home: { subnet: '198.18.52.0/24', internal: true },
    front: { subnet: '198.18.53.0/24', internal: true },
    rehearsal: { subnet: '198.18.54.0/24', internal: true },
    sink: { subnet: '198.18.55.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'home', address: '198.18.52.130', sources: '198.18.52.192/26' },
    online: {
      role: 'online',
      network: 'front',
      address: '198.18.53.20',
      server: { kind: 'nginx', port: 80 },
    },
    test: {
      role: 'test',
      network: 'rehearsal',
      address: '198.18.54.30',
      server: { kind: 'nginx', port: 8080 },
    },
    assistant: { role: 'assistant', network: 'sink', address: '198.18.55.40' },
    router: {
      role: 'router',
      network: 'home',
      address: '198.18.52.2',
      networks: { front: '198.18.53.2', rehearsal: '198.18.54.2', sink: '198.18.55.2' },
    },
  },
  copies: [
    {
      architecture: 'data-link',
      from: 'online',
      to: 'test',
      routes: [{ sources: '198.18.52.128/25', via: 'assistant' }],
    },
  ],
});
