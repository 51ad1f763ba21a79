import { setImmediate } from 'node:timers/promises';
import type { CaptureScope } from '../../../src/capture/devices';
import { openCapture } from '../../../src/capture/open';
import { clientPackets, type CaptureWishes } from '../../../src/capture/request';
import type { CaptureSource } from '../../../src/capture/source';
import type { Backend } from '../../../src/kernel/backend';
import { int32 } from '../../../src/kernel/integers';
import { interfaceIndex } from '../../../src/kernel/interface-index';
import { openKernel } from '../../../src/kernel/kernel';
import { loadOptionalPackage } from '../../../src/kernel/optional-package';
import { formatAddress, parseAddress } from '../../../src/wire/address/address';
import { SYN } from '../../../src/wire/tcp';
import { ethernet, packet } from './packets';
import { enterOwnNetwork, ip, mayMakeNetworks } from '../kernel/own-network';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const PATIENCE_MS = 30_000;
const OTHERS_MAC = '02:00:00:00:00:99';

/** What comes in at the other end of the pair of devices: a SYN to port 80. */
class Wire {
  readonly #kernel = openKernel();
  readonly #descriptor = this.#kernel.libc.socket(AF_PACKET, SOCK_RAW, 0);

  syn(destination: string, to = MAC, source = '198.18.10.10', vlan?: number): void {
    const bytes = (mac: string): number[] => mac.split(':').map((part) => Number.parseInt(part, 16));
    const ends = { source: parseAddress(source)!, destination: parseAddress(destination)! };
    const untagged = ethernet(packet({ flags: SYN, ...ends }));
    const frame = vlan === undefined ? untagged : tagged(untagged, vlan);
    frame.set([...bytes(to), ...bytes('02:00:00:00:00:02')]);
    const { libc } = this.#kernel;
    const address = new Uint8Array(20); // struct sockaddr_ll
    address.set([AF_PACKET, 0, 0x08, 0x00, ...int32(interfaceIndex(this.#kernel, 'v1')!)]);
    expect(libc.sendto(this.#descriptor, frame, frame.length, 0, address, address.length)).toBe(frame.length);
  }

  close(): void {
    this.#kernel.libc.close(this.#descriptor);
  }
}

const MAC = '02:00:00:00:00:01';

/** IEEE 802.1Q. */
function tagged(frame: Uint8Array, vlan: number): Uint8Array {
  const bytes = new Uint8Array(frame.length + 4);
  bytes.set(frame.subarray(0, 12));
  bytes.set([0x81, 0x00, vlan >> 8, vlan & 0xff], 12);
  bytes.set(frame.subarray(12), 16);
  return bytes;
}

const nothing: CaptureWishes = {
  devices: undefined,
  filter: undefined,
  buffer_bytes: undefined,
  packetMax_bytes: undefined,
};

class Captured {
  readonly destinations: string[] = [];
  readonly told: string[] = [];
  readonly source: CaptureSource;

  constructor(backend: Backend, wishes: Partial<CaptureWishes> = {}, changes: Partial<CaptureScope> = {}) {
    const endpoints = [{ address: undefined, port: 80 }];
    const scope = { endpoints, mirrored: false, loopback: false, ...changes };
    this.source = openCapture(backend, clientPackets(scope, { ...nothing, ...wishes }), {
      segment: ({ destination }) => this.destinations.push(formatAddress(destination)),
      lost: (device, reason) => this.told.push(`lost ${device} ${reason}`),
      found: (device) => this.told.push(`found ${device}`),
    });
  }

  /** @throws Error when it is not there in good time, with what was seen instead */
  readonly until = async (isThere: () => boolean): Promise<void> => {
    const end_ms = performance.now() + PATIENCE_MS;
    while (!isThere()) {
      if (performance.now() > end_ms) {
        const { destinations, told, source } = this;
        throw new Error(
          `waited in vain: ${JSON.stringify({ destinations, told, counters: source.counters })}`,
        );
      }
      await setImmediate();
    }
  };
}

const hasCap = (() => {
  try {
    loadOptionalPackage('cap', 'libpcap-dev');
    return true;
  } catch {
    return false;
  }
})();
const backends = ['ring', ...(hasCap ? ['packages'] : [])] as Backend[];

(mayMakeNetworks ? describe : describe.skip)('live capture', () => {
  let leave: () => void;
  let wire: Wire;
  const captures: CaptureSource[] = [];
  const capture = (...options: ConstructorParameters<typeof Captured>): Captured => {
    const captured = new Captured(...options);
    captures.push(captured.source);
    return captured;
  };

  beforeEach(() => {
    leave = enterOwnNetwork();
    ip(
      'link set lo up',
      `link add v0 address ${MAC} type veth peer name v1`,
      'address add 198.18.10.20/24 dev v0',
      'link set v0 up',
      'link set v1 up',
    );
    wire = new Wire();
  });

  afterEach(() => {
    for (const source of captures.splice(0)) source.close();
    wire.close();
    leave();
  });

  describe.each(backends)('by %s', (backend) => {
    test('has what is for any address of this machine, from its first packet on, and nothing for others', async () => {
      ip('address add 198.18.10.21/24 dev v0 label v0:1', 'address add 198.18.10.99/32 dev lo');
      const { destinations, source, until } = capture(backend);
      const early = ['198.18.10.20', '198.18.10.21', '198.18.10.99'];
      for (const destination of [...early, '192.0.2.7']) wire.syn(destination);
      await until(() => destinations.length >= 3);
      ip('address add 198.18.10.77/24 dev v0');
      wire.syn('198.18.10.77');
      await until(() => destinations.length >= 4);
      expect(destinations).toEqual([...early, '198.18.10.77']);
      expect(source.counters).toMatchObject({ segments: 4, 'rejected_other-destination': 1 });
      ip('address del 198.18.10.77/24 dev v0');
      wire.syn('198.18.10.77');
      await until(() => source.counters.frames >= 6);
      expect(destinations).toHaveLength(4);
    });
  });

  test('has what comes in by a device that came later, without an address of its own', async () => {
    ip('address add 198.18.10.99/32 dev lo');
    const { destinations, until } = capture('ring');
    ip(
      'link del v0',
      `link add n0 address ${MAC} type veth peer name v1`,
      'link set n0 up',
      'link set v1 up',
    );
    wire.syn('198.18.10.99');
    await until(() => destinations.length > 0);
    expect(destinations).toEqual(['198.18.10.99']);
  });

  test('has a packet once that comes in by a bridge’s port', async () => {
    ip(
      `link add b0 address ${MAC} type bridge`,
      'address del 198.18.10.20/24 dev v0',
      'address add 198.18.10.20/24 dev b0',
      'link set v0 address 02:00:00:00:00:03 master b0',
      'link set b0 up',
    );
    const all = capture('ring');
    const named = capture('ring', { devices: ['b0', 'v0'] });
    wire.syn('198.18.10.20');
    wire.syn('198.18.10.20');
    await all.until(() => all.destinations.length >= 2 && named.destinations.length >= 2);
    await setImmediate();
    expect([all.source.counters.frames, named.source.counters.frames]).toEqual([2, 2]);
  });

  test('has nothing of what a promiscuous device hears that is for other machines', async () => {
    ip('link set v0 promisc on');
    const { destinations, source, until } = capture('ring');
    wire.syn('198.18.10.20', OTHERS_MAC);
    wire.syn('198.18.10.20');
    await until(() => destinations.length > 0);
    expect(source.counters.frames).toBe(1);
  });

  describe.each(backends)('of a mirror by %s', (backend) => {
    const mirrored = { endpoints: [{ address: parseAddress('192.0.2.7'), port: 80 }], mirrored: true };

    test('has what a switch sends here that is for the named machine, also with the tag of a VLAN', async () => {
      const { destinations, source, until } = capture(backend, { devices: ['v0'] }, mirrored);
      for (const destination of ['192.0.2.8', '192.0.2.7', '198.18.10.20']) wire.syn(destination, OTHERS_MAC);
      wire.syn('192.0.2.7', OTHERS_MAC, '198.18.10.11', 7);
      await until(() => destinations.length >= 2);
      expect(destinations).toEqual(['192.0.2.7', '192.0.2.7']);
      expect(source.counters.frames).toBe(2);
    });
  });

  test('makes a device promiscuous for as long as a mirror is captured, also when it was away', async () => {
    const isPromiscuous = (): boolean => /promiscuity [1-9]/.test(ip('link show v0'));
    capture('ring', { devices: ['v0'] });
    expect(isPromiscuous()).toBe(false);
    const { told, until } = capture('ring', { devices: ['v0'] }, { mirrored: true });
    expect(isPromiscuous()).toBe(true);
    ip('link set v0 down');
    await until(() => told.length >= 1);
    ip('link set v0 up');
    await until(() => told.length >= 2);
    expect(isPromiscuous()).toBe(true);
    captures.pop()!.close();
    expect(isPromiscuous()).toBe(false);
  });

  test('tells when a device goes down and up again, whether it is named or not', async () => {
    const all = capture('ring');
    const named = capture('ring', { devices: ['v0'] });
    const both = (length: number): boolean => all.told.length >= length && named.told.length >= length;
    ip('link set v0 down');
    await all.until(() => both(1));
    ip('link set v0 up');
    await all.until(() => both(2));
    // The kernel attends to its carrier a moment later; what is sent before is dropped without an error.
    await all.until(() => ip('link show v1').includes(' state UP '));
    wire.syn('198.18.10.20');
    await all.until(() => all.destinations.length + named.destinations.length >= 2);
    for (const { told, destinations, source } of [all, named]) {
      expect(told).toEqual(['lost v0 ENETDOWN', 'found v0']);
      expect(destinations).toEqual(['198.18.10.20']);
      expect(source.counters.device_lost).toBe(1);
    }
  });

  test('captures on a named device again that went away and came back', async () => {
    const { told, destinations, until } = capture('ring', { devices: ['v0'] });
    ip('link del v0');
    await until(() => told.length >= 1);
    ip(
      `link add v0 address ${MAC} type veth peer name v1`,
      'address add 198.18.10.20/24 dev v0',
      'link set v0 up',
      'link set v1 up',
    );
    await until(() => told.length >= 2);
    wire.syn('198.18.10.20');
    await until(() => destinations.length > 0);
    expect(told[1]).toBe('found v0');
  });
});
