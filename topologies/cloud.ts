import { defineTopology } from '../lab/topology/define';

/**
 * The network of a cloud: nobody may borrow an address. So copies come from the online server's own, and from ports that are
 * theirs alone; all clients are behind one NAT, whose ports are used again soon.
 */
export default defineTopology({
  name: 'cloud',
  description:
    "A network that drops what does not come from its sender's own address: copies come from the online server's (tcpcopy -c, intercept --own-copies).",
  networks: {
    vpc: { subnet: '198.18.72.0/24', internal: true, ownSourcesOnly: true },
  },
  nodes: {
    client: { role: 'client', network: 'vpc', address: '198.18.72.10' },
    online: { role: 'online', network: 'vpc', address: '198.18.72.20', server: { kind: 'nginx', port: 80 } },
    test: { role: 'test', network: 'vpc', address: '198.18.72.30', server: { kind: 'nginx', port: 8080 } },
  },
  copies: [
    {
      architecture: 'traditional',
      from: 'online',
      to: 'test',
      tcpcopy: ['-c', '198.18.72.20'],
      intercept: ['--own-copies', '198.18.72.20:61000-65535'],
    },
  ],
});
