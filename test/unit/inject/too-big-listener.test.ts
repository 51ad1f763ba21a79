/** In a network of its own: what routers say to this machine is heard. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bareSegment } from '../../../src/guard/bare-segment';
import { openIpLayerSink } from '../../../src/inject/open';
import { listenForTooBig } from '../../../src/inject/too-big-listener';
import { openKernel } from '../../../src/kernel/kernel';
import { parseAddress } from '../../../src/wire/address/address';
import type { TooBig } from '../../../src/wire/ip/too-big';
import { ACK } from '../../../src/wire/tcp';
import { enterOwnNetwork, ip, mayMakeNetworks } from '../kernel/own-network';
import { fragmentationNeeded, packetTooBig } from '../wire/ip/too-big-packets';

(mayMakeNetworks ? describe : describe.skip)('packets that are too big for a router', () => {
  let leave: () => void;
  beforeAll(() => {
    leave = enterOwnNetwork();
    ip(
      'link set lo up',
      'address add 198.18.0.1/32 dev lo',
      'address add 198.18.0.9/32 dev lo',
      'address add 2001:2::1/128 dev lo nodad',
      'address add 2001:2::9/128 dev lo nodad',
    );
  });
  afterAll(() => leave());

  test.each([
    ['IPv4', '198.18.0.1', '198.18.0.9', fragmentationNeeded],
    ['IPv6', '2001:2::1', '2001:2::9', packetTooBig],
  ] as const)('are told of over %s, by their connection and what goes on', async (_, own, router, say) => {
    const [client, from] = [parseAddress(own)!, parseAddress(router)!];
    const heard: TooBig[] = [];
    const stop = listenForTooBig(openKernel(), (told) => heard.push(told));
    const refused: string[] = [];
    const sink = openIpLayerSink('ring', (errno) => refused.push(errno));
    try {
      const about = bareSegment({
        from: { address: client, port: 61_000 },
        to: { address: from, port: 8080 },
        sequence: 77,
        acknowledgment: 1,
        flags: ACK,
        ttl: 64,
      });
      const told = say({ about, from, to: client, mtu_bytes: 1300 });
      sink.send(told, told.length, client);
      for (let look = 0; heard.length === 0 && look < 200; look += 1) await sleep(5);
      expect(refused).toEqual([]);
      expect(heard).toEqual([
        {
          route: { clientAddress: client, clientPort: 61_000, serverAddress: from, serverPort: 8080 },
          sequence: 77,
          mtu_bytes: 1300,
        },
      ]);
    } finally {
      sink.close();
      stop();
    }
  });
});
