import { defineTopology } from '../lab/topology/define';

/**
 * The network of a cloud: nobody may borrow an address of either family. So copies come from the online server's own, and from
 * ports that are theirs alone. Over IPv4 all clients are behind one NAT, whose ports are used again soon; over IPv6, which needs
 * none, each has an address of its own.
 */
export default defineTopology({
  name: 'cloud',
  description:
    "A network that drops what does not come from its sender's own address: copies come from the online server's (tcpcopy -c, intercept --own-copies), over IPv4 and IPv6.",
  networks: {
    vpc: { subnet: '198.18.72.0/24', subnet6: '2001:2:0:72::/64', internal: true, ownSourcesOnly: true },
  },
  nodes: {
    client: {
      role: 'client',
      network: 'vpc',
      address: '198.18.72.10',
      address6: '2001:2:0:72::10',
      sources: '2001:2:0:72::8000/113',
    },
    online: {
      role: 'online',
      network: 'vpc',
      address: '198.18.72.20',
      address6: '2001:2:0:72::20',
      server: { kind: 'nginx', port: 80 },
    },
    test: {
      role: 'test',
      network: 'vpc',
      address: '198.18.72.30',
      address6: '2001:2:0:72::30',
      server: { kind: 'nginx', port: 8080 },
    },
  },
  copies: [
    {
      architecture: 'traditional',
      from: 'online',
      to: 'test',
      tcpcopy: ['-c', '198.18.72.20,2001:2:0:72::20'],
      intercept: ['--own-copies', '198.18.72.20:61000-65535,[2001:2:0:72::20]:61000-65535'],
    },
  ],
});
