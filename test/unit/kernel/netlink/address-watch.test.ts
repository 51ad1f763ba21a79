import { setImmediate } from 'node:timers/promises';
import { KernelAddressWatch } from '../../../../src/kernel/netlink/address-watch';
import { openKernel } from '../../../../src/kernel/kernel';
import { formatPrefix, type LocalPrefix } from '../../../../src/kernel/netlink/local-routes';
import { parseAddress } from '../../../../src/wire/address/address';
import { enterOwnNetwork, ip, mayMakeNetworks } from '../own-network';

const told = (prefixes: readonly LocalPrefix[]): string[] =>
  prefixes.map((prefix) => `${formatPrefix(prefix)} on ${prefix.device}`).toSorted();

/** What is told while addresses and devices change. */
class Hearer {
  came: string[] = [];
  gone: string[] = [];
  devices = 0;
  readonly watch = new KernelAddressWatch(openKernel(), {
    changed: (came, gone) => {
      this.came.push(...told(came));
      this.gone.push(...told(gone));
    },
    deviceChanged: () => (this.devices += 1),
  });
  has = (text: string): boolean => this.watch.has(parseAddress(text)!);
}

(mayMakeNetworks ? describe : describe.skip)('a watch of addresses', () => {
  let leave: () => void;
  let hearer: Hearer;

  beforeAll(() => {
    leave = enterOwnNetwork();
    ip(
      'link set lo up',
      'link add v0 type veth peer name v1',
      // Else they have an address of the kernel's own a second or two later.
      'link set v0 addrgenmode none',
      'link set v1 addrgenmode none',
      'link set v0 up',
      'link set v1 up',
      'address add 198.18.10.20/24 dev v0',
    );
  });

  afterAll(() => leave());

  beforeEach(() => (hearer = new Hearer()));

  afterEach(() => hearer.watch.close());

  test('has those that are there from the beginning', () => {
    expect(told(hearer.watch.addresses.prefixes)).toEqual([
      '127.0.0.0/8 on lo',
      '127.0.0.1 on lo',
      '198.18.10.20 on v0',
      '::1 on lo',
    ]);
    expect(hearer.watch.refresh()).toBe(false);
  });

  test('has others as soon as they are there, and no longer than that: secondary, labelled, of a peer, on lo', () => {
    const lines = [
      '198.18.11.5/24 dev v0',
      '198.18.10.21/24 dev v0',
      '198.18.10.22/24 dev v0 label v0:1',
      '198.18.10.23 peer 198.18.13.1/32 dev v0',
      '198.18.10.99/32 dev lo',
      '198.18.12.17/28 dev lo',
    ];
    const within = [
      '198.18.11.5',
      '198.18.10.21',
      '198.18.10.22',
      '198.18.10.23',
      '198.18.10.99',
      '198.18.12.30',
    ];
    ip(...lines.map((line) => `address add ${line}`));
    expect(hearer.watch.refresh()).toBe(true);
    expect(within.filter(hearer.has)).toEqual(within);
    expect(hearer.gone).toEqual([]);
    ip(...lines.map((line) => `address del ${line.replace(/ label.*/, '')}`));
    expect(hearer.watch.refresh()).toBe(true);
    expect(within.filter(hearer.has)).toEqual([]);
    expect(hearer.gone).toEqual(hearer.came);
  });

  test('has what a route makes local, but for one that makes everybody so, as transparent proxies have it', () => {
    ip('route add local 198.18.14.0/24 dev lo', 'route add local 0.0.0.0/0 dev lo table 100');
    hearer.watch.refresh();
    expect([hearer.has('198.18.14.7'), hearer.has('192.0.2.1')]).toEqual([true, false]);
  });

  test('has the address of a device that is down, as the kernel has', () => {
    ip('link add b0 type bridge', 'address add 198.18.15.1/24 dev b0');
    hearer.watch.refresh();
    expect([hearer.has('198.18.15.1'), hearer.watch.isUp('b0')]).toEqual([true, false]);
  });

  test('hears of other routes nothing, and loses nothing when more is told than there is room for', () => {
    const many = Array.from({ length: 300 }, (_, index) => index);
    ip(...many.map((index) => `route add unreachable 203.0.${index >> 8}.${index & 255}/32`));
    expect([hearer.watch.refresh(), hearer.devices]).toEqual([false, 0]);
    ip(...many.map((index) => `link set v1 txqlen ${1000 + index}`), 'address add 198.18.10.21/24 dev v0');
    hearer.watch.refresh();
    expect(hearer.has('198.18.10.21')).toBe(true);
  });

  test('tells by itself, also of devices', async () => {
    ip('link del v0');
    while (hearer.gone.length === 0) await setImmediate();
    expect(hearer.gone).toContain('198.18.10.20 on v0');
    expect(hearer.watch.isUp('v0')).toBeUndefined();
    expect(hearer.devices).toBeGreaterThan(0);
  });
});
