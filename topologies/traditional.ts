import { defineTopology } from '../lab/topology/define';

/**
 * The seed of everything: one client, one online server, one test server on one network. intercept sits on the test
 * server itself and drops there what it answers to the copies.
 */
export default defineTopology({
  name: 'traditional',
  description:
    'An nginx whose requests are copied live to a second nginx; intercept drops the answers on the test server.',
  networks: {
    lan: { subnet: '198.18.10.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.10.10' },
    online: { role: 'online', network: 'lan', address: '198.18.10.20', server: { kind: 'nginx', port: 80 } },
    test: { role: 'test', network: 'lan', address: '198.18.10.30', server: { kind: 'nginx', port: 8080 } },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});
