/** In a network of its own: next hops are those that the kernel would take. */
import { openKernel } from '../../../../src/kernel/kernel';
import { NextHops } from '../../../../src/kernel/netlink/next-hop';
import { formatAddress, parseAddress } from '../../../../src/wire/address/address';
import { enterOwnNetwork, ip, mayMakeNetworks } from '../own-network';

(mayMakeNetworks ? describe : describe.skip)('the next hop', () => {
  let leave: () => void;
  beforeAll(() => {
    leave = enterOwnNetwork();
    ip(
      'link set lo up',
      'link add dev near type veth peer name far',
      'link set near up',
      'link set far up',
      'address add 198.18.0.1/24 dev near',
      'address add 2001:2::1/64 dev near nodad',
      'neighbour add 198.18.0.2 lladdr 02:00:00:00:00:02 dev near',
      'neighbour add fe80::9 lladdr 02:00:00:00:00:09 dev near',
      'route add 198.18.1.0/24 via 198.18.0.2',
      'route add 198.18.2.0/24 via inet6 fe80::9 dev near',
      'route add 2001:2:0:1::/64 via fe80::9 dev near',
      'route add 198.18.3.0/24 via 198.18.0.2 mtu 1400',
      'route add 2001:2:0:3::/64 via fe80::9 dev near mtu 1300',
    );
  });
  afterAll(() => leave());

  test.each([
    ['that is on the link', '198.18.0.2', '198.18.0.2', 2],
    ['behind a gateway', '198.18.1.30', '198.18.0.2', 2],
    ['over IPv4 behind a gateway of IPv6', '198.18.2.30', 'fe80::9', 9],
    ['over IPv6 behind a gateway of the link', '2001:2:0:1::30', 'fe80::9', 9],
  ])('of a server %s is found by its link address', (_, server, gateway, last) => {
    const hops = new NextHops(openKernel());
    try {
      const hop = hops.find(parseAddress(server)!, 0, undefined);
      expect(formatAddress(hop!.gateway)).toBe(gateway);
      expect(hop).toMatchObject({ confirmed: true, destination: Uint8Array.of(2, 0, 0, 0, 0, last) });
    } finally {
      hops.close();
    }
  });

  test('has the size of packets that its route takes, where that says so', () => {
    const hops = new NextHops(openKernel());
    const takes = (server: string) => hops.find(parseAddress(server)!, 0, undefined)!.mtu_bytes;
    try {
      expect([takes('2001:2:0:3::30'), takes('198.18.3.30'), takes('198.18.1.30')]).toEqual([
        1300,
        1400,
        undefined,
      ]);
    } finally {
      hops.close();
    }
  });
});
