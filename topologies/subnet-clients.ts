import { defineTopology } from '../lab/topology/define';

/**
 * Clients have thousands of addresses, and a real server's have any address there is: no test server can have routes to
 * all of them. So copies are given addresses of one range (`-c`), and one route serves them all.
 */
export default defineTopology({
  name: 'subnet-clients',
  description:
    'Clients of 4,096 addresses, whose copies come from one range of 254 (tcpcopy -c), for which one route is enough.',
  networks: {
    lan: { subnet: '198.18.64.0/19', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.64.10', sources: '198.18.80.0/20' },
    online: { role: 'online', network: 'lan', address: '198.18.64.20', server: { kind: 'nginx', port: 80 } },
    test: { role: 'test', network: 'lan', address: '198.18.64.30', server: { kind: 'nginx', port: 8080 } },
    assistant: { role: 'assistant', network: 'lan', address: '198.18.64.40' },
  },
  copies: [
    {
      architecture: 'data-link',
      from: 'online',
      to: 'test',
      routes: [{ sources: '198.18.65.0/24', via: 'assistant' }],
      tcpcopy: ['-c', '198.18.65.x'],
    },
  ],
});
