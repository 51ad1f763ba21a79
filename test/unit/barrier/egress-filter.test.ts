import { bytecodeOf, egressProgram } from '../../../src/barrier/egress-filter';
import type { Barrier } from '../../../src/barrier/wanted';
import { assemble } from '../../../src/kernel/filter/classic-bpf';
import { formatAddress, parseAddress, type Address, type Family } from '../../../src/wire/address/address';
import { emitIp, ipHeader_bytes } from '../../../src/wire/ip/ip';
import { emitTcp } from '../../../src/wire/tcp';
import { runFilter } from '../kernel/filter/bpf-machine';

const SHOT = 2;
const OTHERS_SAY = 0xffff_ffff;

const at = (text: string): Address => parseAddress(text)!;

const WORLDS: Readonly<
  Record<Family, { test: Address; client: Address; online: Address; another: Address }>
> = {
  4: {
    test: at('198.18.10.30'),
    client: at('198.18.10.10'),
    online: at('198.18.10.20'),
    another: at('198.18.10.21'),
  },
  6: {
    test: at('2001:2:0:10::30'),
    client: at('2001:2:0:10::10'),
    online: at('2001:2:0:10::20'),
    another: at('2001:2:0:10::21'),
  },
};
const { 4: ipv4, 6: ipv6 } = WORLDS;

const BARRIER: Barrier = {
  queue: 0,
  ports: [8080, 8443, 9090],
  passed: [ipv4.online, ipv4.another, ipv6.online, ipv6.another],
  ownCopies: [
    { address: ipv4.online, ports: { first: 61_000, last: 65_535 } },
    { address: ipv6.online, ports: { first: 61_000, last: 62_000 } },
  ],
};

function packet(
  source: Address,
  sourcePort: number,
  destination: Address,
  destinationPort: number,
): Uint8Array {
  const header_bytes = ipHeader_bytes(destination);
  const bytes = new Uint8Array(header_bytes + 20);
  emitIp(bytes, 0, { source, destination, ttl: 64, identification: 0 }, 20);
  const numbers = { sequence: 1, acknowledgment: 2, headerLength: 20, flags: 0x10, window: 5 };
  emitTcp(bytes, header_bytes, { sourcePort, destinationPort, ...numbers });
  return bytes;
}

describe.each([4, 6] as const)('the net at a device, of IPv%i,', (family) => {
  const { test: server, client, online, another } = WORLDS[family];
  const program = assemble(egressProgram(BARRIER, family));
  const verdict = (port: number, to: Address, toPort: number): number =>
    runFilter(program, packet(server, port, to, toPort));

  test.each(BARRIER.ports)('drops what port %i says to a client', (port) => {
    expect(verdict(port, client, 40_000)).toBe(SHOT);
  });

  test.each([80, 8079, 8081, 9091])('leaves to others what port %i says', (port) => {
    expect(verdict(port, client, 40_000)).toBe(OTHERS_SAY);
  });

  test('leaves to others what is for the passlist, but for the ports of own copies there', () => {
    for (const port of BARRIER.ports) {
      expect(verdict(port, online, 40_000)).toBe(OTHERS_SAY);
      expect(verdict(port, another, 61_500)).toBe(OTHERS_SAY);
      for (const own of [61_000, 61_500, 62_000]) expect(verdict(port, online, own)).toBe(SHOT);
      expect(verdict(port, online, 60_999)).toBe(OTHERS_SAY);
    }
    expect(verdict(8080, online, 65_535)).toBe(family === 4 ? SHOT : OTHERS_SAY);
  });

  test('leaves to others what is no TCP, also from such ports', () => {
    const datagram = packet(server, 8080, client, 40_000);
    datagram[family === 4 ? 9 : 6] = 17;
    expect(runFilter(program, datagram)).toBe(OTHERS_SAY);
  });

  test('is as tc takes it: its length, and each instruction', () => {
    const words = bytecodeOf(egressProgram(BARRIER, family)).split(',');
    expect(Number(words[0])).toBe(words.length - 1);
    expect(words.slice(1).every((word) => /^\d+ \d+ \d+ \d+$/.test(word))).toBe(true);
  });
});

test('a net of no passlist drops everything from its ports', () => {
  const program = assemble(egressProgram({ ...BARRIER, passed: [], ownCopies: [] }, 4));
  for (const to of [ipv4.client, ipv4.online])
    expect([formatAddress(to), runFilter(program, packet(ipv4.test, 9090, to, 5))]).toEqual([
      formatAddress(to),
      SHOT,
    ]);
});
