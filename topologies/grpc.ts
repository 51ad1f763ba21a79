import { defineTopology } from '../lab/topology/define';

const server = {
  build: '../images/servers/grpc',
  port: 8000,
  ready: { log: 'is open' },
} as const;

/** Calls share connections as HTTP/2's streams, whose headers are indices into tables: only a whole connection means something. */
export default defineTopology({
  name: 'grpc',
  description: 'A gRPC service that is copied to a second one, byte by byte, with single and streamed calls.',
  networks: {
    lan: { subnet: '198.18.24.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.24.10' },
    online: { role: 'online', network: 'lan', address: '198.18.24.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.24.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  load: {
    run: ['python3', '/opt/orders/order.py', 'online:8000', '4', '50'],
    node: 'client',
    build: '../images/servers/grpc',
  },
});
