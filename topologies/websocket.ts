import { defineTopology } from '../lab/topology/define';

const server = {
  build: '../images/servers/websocket',
  port: 8000,
  ready: { log: 'is open' },
} as const;

/** Most of what this server says, nobody has asked for. */
export default defineTopology({
  name: 'websocket',
  description: 'A WebSocket chat that is copied to a second one, byte by byte, while people talk.',
  networks: {
    lan: { subnet: '198.18.21.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.21.10' },
    online: { role: 'online', network: 'lan', address: '198.18.21.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.21.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  load: {
    run: ['node', '/opt/chat/talk.cjs', 'ws://online:8000', '6', '40'],
    node: 'client',
    build: '../images/servers/websocket',
  },
});
