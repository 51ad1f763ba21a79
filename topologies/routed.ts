import { defineTopology } from '../lab/topology/define';

/**
 * Networks as they are: clients of two networks, the online server and the test server each have one of their own, and a
 * router stands between them. It would let on to a client whatever the guard let out.
 */
export default defineTopology({
  name: 'routed',
  description:
    'An nginx that is copied to one on another network, for clients of two more, with a router between.',
  networks: {
    home: { subnet: '198.18.48.0/24', internal: true },
    office: { subnet: '198.18.49.0/24', internal: true },
    front: { subnet: '198.18.50.0/24', internal: true },
    rehearsal: { subnet: '198.18.51.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'home', address: '198.18.48.10' },
    'client-b': { role: 'client', network: 'office', address: '198.18.49.10', sources: '198.18.49.128/25' },
    online: {
      role: 'online',
      network: 'front',
      address: '198.18.50.20',
      server: { kind: 'nginx', port: 80 },
    },
    test: {
      role: 'test',
      network: 'rehearsal',
      address: '198.18.51.30',
      server: { kind: 'nginx', port: 8080 },
    },
    router: {
      role: 'router',
      network: 'home',
      address: '198.18.48.2',
      networks: { office: '198.18.49.2', front: '198.18.50.2', rehearsal: '198.18.51.2' },
    },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});
