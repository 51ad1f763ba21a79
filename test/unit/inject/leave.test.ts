/** In a network of its own: what was decided while the guard was proven does not leave when it no longer is. */
import { readFileSync } from 'node:fs';
import { openSink } from '../../../src/inject/open';
import { GUARD_LAPSED } from '../../../src/inject/sink';
import { parseAddress } from '../../../src/wire/address/address';
import { bareSegment } from '../../../src/guard/bare-segment';
import { ACK, RST } from '../../../src/wire/tcp';
import { enterOwnNetwork, ip, mayMakeNetworks } from '../kernel/own-network';

const ON_LINK = parseAddress('198.18.0.2')!;
const OWN = parseAddress('198.18.0.1')!;

const packetTo = (address: number, flags = ACK): Uint8Array =>
  bareSegment({
    from: { address: OWN, port: 4000 },
    to: { address, port: 9 },
    sequence: 1,
    acknowledgment: 1,
    flags,
    ttl: 64,
  });

/** Packets, see proc(5): the tenth number of /proc/net/dev. */
function sentBy(device: string): number {
  const line = readFileSync('/proc/thread-self/net/dev', 'utf8')
    .split('\n')
    .find((one) => one.trim().startsWith(`${device}:`));
  return Number(line!.split(':')[1]!.trim().split(/\s+/)[9]);
}

(mayMakeNetworks ? describe : describe.skip)('what waits to leave', () => {
  let leave: () => void;
  beforeAll(() => {
    leave = enterOwnNetwork();
    ip(
      'link set lo up',
      'link add dev near type veth peer name far',
      'link set near addrgenmode none',
      'link set near up',
      'link set far up',
      'address add 198.18.0.1/24 dev near',
      'neighbour add 198.18.0.2 lladdr 02:00:00:00:00:02 dev near',
    );
  });
  afterAll(() => leave());

  test.each([
    ['on the link', 'ring', ON_LINK, 'near'],
    ['by raw IP, where there is no next hop on a link', 'ring', OWN, 'lo'],
  ] as const)(
    'leaves %s while it may, and else is told as held back, but for resets',
    (_, backend, address, device) => {
      let mayLeave = true;
      const refused: string[] = [];
      const sink = openSink(
        backend,
        { device: undefined, linkAddresses: new Map() },
        1500,
        (reason) => refused.push(reason),
        { isGuarded: () => mayLeave, needsGuard: (bytes, at) => (bytes[at + 20 + 13]! & RST) === 0 },
      );
      try {
        const packet = packetTo(address);
        const three = (): number => {
          const before = sentBy(device);
          for (let count = 0; count < 3; count += 1) sink.send(packet, packet.length, address);
          sink.flush();
          return sentBy(device) - before;
        };
        expect(three()).toBeGreaterThanOrEqual(3);
        expect(refused).toEqual([]);
        mayLeave = false;
        expect(three()).toBe(0);
        expect(refused).toEqual([GUARD_LAPSED, GUARD_LAPSED, GUARD_LAPSED]);
        const reset = packetTo(address, RST);
        const before = sentBy(device);
        for (const each of [packet, reset, packet, reset]) sink.send(each, each.length, address);
        sink.flush();
        expect(sentBy(device) - before).toBe(2);
        expect(refused.splice(3)).toHaveLength(2);
        mayLeave = true;
        expect(three()).toBeGreaterThanOrEqual(3);
        expect(refused).toHaveLength(3);
      } finally {
        sink.close();
      }
    },
  );
});
