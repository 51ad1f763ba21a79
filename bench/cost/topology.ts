import { defineTopology } from '../../lab/topology/define';

/** One lab for every candidate: the traditional copies leave the assistant alone, which the data-link ones need. */
export default defineTopology({
  name: 'bench-cost',
  description: 'An nginx that is copied to a second one, by one build of the two programs after the other.',
  networks: {
    lan: { subnet: '198.18.14.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.14.130' },
    online: { role: 'online', network: 'lan', address: '198.18.14.20', server: { kind: 'nginx', port: 80 } },
    test: { role: 'test', network: 'lan', address: '198.18.14.30', server: { kind: 'nginx', port: 8080 } },
    assistant: { role: 'assistant', network: 'lan', address: '198.18.14.40' },
  },
  copies: [
    {
      architecture: 'data-link',
      from: 'online',
      to: 'test',
      routes: [{ sources: '198.18.14.128/25', via: 'assistant' }],
    },
  ],
});
