import { defineTopology } from '../lab/topology/define';

const server = {
  compose: '../images/servers/guestbook/compose.yml',
  service: 'web',
  port: 8000,
  protocol: 'http',
  ready: { log: 'is open' },
} as const;

/** Two services of a Compose file: only what clients say is copied, and each side's own database keeps the same of it. */
export default defineTopology({
  name: 'guestbook',
  description:
    'A web server with its database that is copied to a second one, which has a database of its own.',
  networks: {
    lan: { subnet: '198.18.23.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.23.10' },
    online: { role: 'online', network: 'lan', address: '198.18.23.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.23.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});
