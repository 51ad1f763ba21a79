import { passedOf, reachesInto, usedByPrograms } from '../../../src/passlist/own-ports';
import { portsExhausted } from '../../../src/tcpcopy/copying/own-sources';
import { parseAddress } from '../../../src/wire/address/address';

const ONLINE = 0xc612_0a14;
const ports = { first: 61_000, last: 65_535 };
const own = { addresses: [ONLINE], ports };

test('an intercept refuses copies whose ports it was not told of, be it one', () => {
  const told = (first: number, last: number) => ({
    addresses: [ONLINE],
    ownCopies: [{ address: ONLINE, ports: { first, last } }],
  });
  expect(passedOf(own, { addresses: [], ownCopies: [] })).toEqual([]);
  expect(passedOf(own, { addresses: [ONLINE], ownCopies: [] })).toEqual([ONLINE]);
  expect(passedOf(own, told(61_000, 65_535))).toEqual([]);
  expect(passedOf(own, told(1024, 65_535))).toEqual([]);
  expect(passedOf(own, told(61_000, 65_534))).toEqual([ONLINE]);
});

test('ports that the kernel gives to programs are told, by their number and the mend', () => {
  expect(reachesInto({ first: 32_768, last: 60_999 }, ports)).toBeUndefined();
  const { reason, next } = reachesInto({ first: 1024, last: 65_000 }, ports)!;
  expect(reason).toContain('4001 of the 4536 ports of --source-ports 61000-65535');
  expect(next).toContain('sysctl -w net.ipv4.ip_local_port_range="1024 60999"');
});

test('programs that speak from these ports are told, by their number, some of them, and what names them', () => {
  const from = (clientPort: number, clientAddress = ONLINE) => ({
    clientAddress,
    clientPort,
    serverAddress: 0xc612_0a1e,
    serverPort: 8080,
  });
  expect(usedByPrograms(own, [])).toBeUndefined();
  expect(usedByPrograms(own, [from(61_000, ONLINE + 1)])).toBeUndefined();
  expect(usedByPrograms(own, [from(61_000)])!.reason).toContain('1 connection of');
  const { reason, next } = usedByPrograms(
    own,
    [61_000, 61_001, 61_002, 61_003].map((port) => from(port)),
  )!;
  expect(reason).toContain('4 connections of');
  expect(reason).toContain('198.18.10.20:61002, …');
  expect(next).toContain('ss -tnp "sport >= 61000 and sport <= 65535"');
});

test('where ports do not suffice the arithmetic is told', () => {
  const options = { transfers: [], sourceAddresses: [ONLINE], own, copies: 2 };
  expect(portsExhausted(options)).toMatchObject({ ports_per_address: 4536 });
  expect(portsExhausted(options).next).toMatch(/2 \(-n\) of the 4536 ports 61000-65535 .* 2268 are open/);
  // A copy to a server of IPv4 cannot have an address of IPv6.
  const both = { ...options, sourceAddresses: [ONLINE, parseAddress('2001:2:0:10::20')!] };
  expect(portsExhausted(both).next).toMatch(/an address of -c \(1\), so that 2268 are open/);
  expect(portsExhausted({ transfers: [] }).next).toContain('64512 ports of its source address');
});
