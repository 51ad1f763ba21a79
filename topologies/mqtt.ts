import { defineTopology } from '../lab/topology/define';

const server = {
  build: '../images/servers/mqtt',
  port: 1883,
  ready: { tcp: 1883 },
} as const;

/** What the subscriber acknowledges is what the online broker sent; the test broker hears the same words. */
export default defineTopology({
  name: 'mqtt',
  description:
    'An MQTT broker that is copied to a second one, byte by byte, with publishers and a subscriber.',
  networks: {
    lan: { subnet: '198.18.22.0/24', internal: true },
  },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.22.10' },
    online: { role: 'online', network: 'lan', address: '198.18.22.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.22.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  load: {
    run: ['publish-and-subscribe', 'online', '4', '50'],
    node: 'client',
    build: '../images/servers/mqtt',
  },
});
