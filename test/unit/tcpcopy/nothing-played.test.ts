import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureFiles } from '../../../src/capture/file/capture-files';
import { whyNothing } from '../../../src/tcpcopy/offline/nothing-played';
import { emitPcapFileHeader, emitPcapRecord } from '../../../src/wire/capture/pcap';
import { ACK, SYN } from '../../../src/wire/tcp';
import { joined } from '../capture/files';
import { CLIENT, ONLINE, packet, type PacketOptions } from '../capture/packets';
import { ETHERTYPE_IPV6, frame, gre, ipv4, ipv6, udp, vxlan } from '../capture/tunnels';

let directory = '';
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'nothing-'))));
afterAll(() => rm(directory, { recursive: true }));

/** What is told of a capture of these frames, of which `-x 9999-…`, or what is given, would be played. */
async function told(
  frames: readonly Uint8Array[],
  { endpoint = { address: undefined as number | undefined, port: 9999 }, linkType = 1 } = {},
) {
  const path = join(directory, 'online.pcap');
  await writeFile(path, joined(emitPcapFileHeader(linkType), ...frames.map((one) => emitPcapRecord(one, 1))));
  const capture = await CaptureFiles.open([path], [endpoint]);
  try {
    do while (capture.next());
    while (await capture.read());
  } finally {
    await capture.close();
  }
  const { packets, segments } = capture.counters;
  const { findings } = capture;
  return whyNothing({ endpoints: [endpoint], findings, packets, segments, test: '198.18.10.30:8080' });
}

const said = (options: PacketOptions = {}): Uint8Array => frame(packet(options));
const answered = (options: PacketOptions = {}): Uint8Array =>
  said({ source: ONLINE, destination: CLIENT, sourcePort: 80, destinationPort: 40_000, ...options });
const tcp6 = (port: number): Uint8Array =>
  frame(ipv6(6, packet({ destinationPort: port, flags: SYN }).subarray(20)), ETHERTYPE_IPV6);

test('connections to another port are named, with how to play them', async () => {
  const { why, holds, next } = await told([
    said({ flags: SYN }),
    answered({ flags: SYN | ACK }),
    said({ payload: 'GET /' }),
    said({ flags: SYN, sourcePort: 40_001 }),
    said({ flags: SYN, destinationPort: 443 }),
  ]);
  expect(why).toBe('for nothing in it is for port 9999, but 2 connections for 198.18.10.20:80');
  expect(holds).toEqual([
    'TCP over IPv4: 198.18.10.20:80 (2 connections), 198.18.10.20:443 (1 connection)',
    'captured as Ethernet 5',
  ]);
  expect(next).toBe('name what is to be played, for example -x 80-198.18.10.30:8080');
});

test.each<[string, Parameters<typeof told>, RegExp]>([
  ['no packets', [[]], /no packets in it/],
  [
    'the right port of another address',
    [[said({ flags: SYN })], { endpoint: { address: ONLINE + 1, port: 80 } }],
    /nothing in it is for 198.18.10.21:80, but 1 connection for 198.18.10.20:80/,
  ],
  [
    "the servers' answers only",
    [[answered({ payload: 'HTTP' })], { endpoint: { address: undefined, port: 80 } }],
    /the answers of 198.18.10.20:80 only/,
  ],
  [
    'the middle of connections only',
    [[said({ flags: ACK })], { endpoint: { address: undefined, port: 80 } }],
    /the middle only/,
  ],
  [
    'other clients over IPv6',
    [[tcp6(80)]],
    /nothing in it is for port 9999, but 1 connection for \[2001:db8::2\]:80/,
  ],
  [
    'no TCP',
    [[frame(ipv4(17, udp(53, new Uint8Array(30)))), frame(new Uint8Array(28), 0x0806)]],
    /no TCP in it: UDP 1, ARP 1/,
  ],
  ['a link type that is not read', [[new Uint8Array(60)], { linkType: 105 }], /in IEEE 802.11, which cannot/],
  [
    'IPsec in GRE',
    [[frame(gre(ipv4(50, new Uint8Array(30))))]],
    /in IPsec \(ESP\), which cannot be taken off \(GRE 1 can\)/,
  ],
])('a capture of %s', async (_, [frames, options], why) => {
  const nothing = await told(frames, options);
  expect(nothing.why).toMatch(why);
  expect(nothing.next).not.toBe('');
});

test('what is in a tunnel is named, and that it was', async () => {
  const { why, holds } = await told([frame(vxlan(said({ flags: SYN }))), tcp6(443)]);
  expect(why).toMatch(/1 connection for 198.18.10.20:80/);
  expect(holds).toEqual([
    'TCP over IPv4 and IPv6: 198.18.10.20:80 (1 connection), [2001:db8::2]:443 (1 connection)',
    'in encapsulations: VXLAN 1',
    'captured as Ethernet 2',
  ]);
});

test('of many servers those with most connections are named', async () => {
  const many = Array.from({ length: 300 }, (_, index) =>
    said({ flags: SYN, destinationPort: 1000 + Math.floor(Math.sqrt(index)), sourcePort: 40_000 + index }),
  );
  const { holds } = await told(many);
  expect(holds[0]).toMatch(/^TCP over IPv4: 198.18.10.20:1016 \(33 connections\), .* and 13 more$/);
});
