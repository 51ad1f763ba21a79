import { defineTopology } from '../lab/topology/define';

/**
 * The data-link architecture: the test server has no queue. A route leads what it answers to the clients' addresses to an
 * assistant, which forwards nothing, and on which intercept captures.
 *
 * Everybody is on one network on purpose: only the route keeps responses from the clients, and a leak would reach them.
 */
export default defineTopology({
  name: 'data-link',
  description:
    'An nginx whose requests are copied live to a second nginx; its answers are routed to an assistant, where they end.',
  networks: {
    lan: { subnet: '198.18.12.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.12.130' },
    online: { role: 'online', network: 'lan', address: '198.18.12.20', server: { kind: 'nginx', port: 80 } },
    test: { role: 'test', network: 'lan', address: '198.18.12.30', server: { kind: 'nginx', port: 8080 } },
    assistant: { role: 'assistant', network: 'lan', address: '198.18.12.40' },
  },
  copies: [
    {
      architecture: 'data-link',
      from: 'online',
      to: 'test',
      routes: [{ sources: '198.18.12.128/25', via: 'assistant' }],
    },
  ],
});
