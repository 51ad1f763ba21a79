import { defineTopology } from '../lab/topology/define';

/**
 * A network as it is between sites: what passes it is delayed, some of it overtakes, some is lost, and there is no room for more than
 * a rate. Copies pass it too; each byte still arrives once.
 */
export default defineTopology({
  name: 'impaired',
  description:
    'An nginx that is copied to another one over a network that delays, reorders and loses packets.',
  networks: {
    lan: { subnet: '198.18.52.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.52.10' },
    online: { role: 'online', network: 'lan', address: '198.18.52.20', server: { kind: 'nginx', port: 80 } },
    test: { role: 'test', network: 'lan', address: '198.18.52.30', server: { kind: 'nginx', port: 8080 } },
  },
  links: { lan: { loss: 1, rate_mbit: 100, delay_ms: 5, reorder: 2, seed: 7 } },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});
