import { defineTopology } from '../lab/topology/define';

/**
 * A capture of what clients said to the online server is played on the test server itself, as often as one likes. Nothing
 * is copied live: recording, carrying the file over and playing it are three commands of yours (`lab plan offline`).
 */
export default defineTopology({
  name: 'offline',
  description:
    'An nginx whose requests are recorded in a capture, and played from it on a second nginx, with intercept beside it.',
  networks: {
    lan: { subnet: '198.18.19.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.19.10' },
    online: { role: 'online', network: 'lan', address: '198.18.19.20', server: { kind: 'nginx', port: 80 } },
    test: { role: 'test', network: 'lan', address: '198.18.19.30', server: { kind: 'nginx', port: 8080 } },
  },
  copies: [{ architecture: 'offline', from: 'online', to: 'test' }],
});
