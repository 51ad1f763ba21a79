import { defineTopology } from '../lab/topology/define';

const nginx = (port: number) => ({ kind: 'nginx', port }) as const;

/** Half of the clients' addresses each. */
const routes = [
  { sources: '198.18.13.128/26', via: 'assistant-a' },
  { sources: '198.18.13.192/26', via: 'assistant-b' },
] as const;

/** Several online servers, one test server: it takes the load of all, and two assistants share its responses. */
export default defineTopology({
  name: 'many-online',
  description:
    'Three online servers are copied to one test server, whose answers two assistants share (tcpcopy -s a,b).',
  networks: {
    lan: { subnet: '198.18.13.0/24', internal: true },
  },
  nodes: {
    'client-a': { role: 'client', network: 'lan', address: '198.18.13.130' },
    'client-b': { role: 'client', network: 'lan', address: '198.18.13.200' },
    'online-a': { role: 'online', network: 'lan', address: '198.18.13.20', server: nginx(80) },
    'online-b': { role: 'online', network: 'lan', address: '198.18.13.21', server: nginx(80) },
    'online-c': { role: 'online', network: 'lan', address: '198.18.13.22', server: nginx(80) },
    test: { role: 'test', network: 'lan', address: '198.18.13.30', server: nginx(8080) },
    'assistant-a': { role: 'assistant', network: 'lan', address: '198.18.13.40' },
    'assistant-b': { role: 'assistant', network: 'lan', address: '198.18.13.41' },
  },
  copies: [
    { architecture: 'data-link', from: 'online-a', to: 'test', routes },
    { architecture: 'data-link', from: 'online-b', to: 'test', routes },
    { architecture: 'data-link', from: 'online-c', to: 'test', routes },
  ],
});
