import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { ACK, PSH, SYN } from '../../../../src/wire/tcp';
import { joined, written } from '../files';
import { ONLINE, packet } from '../packets';
import {
  erspan,
  ETHERTYPE_IPV6,
  ETHERTYPE_MPLS,
  frame,
  geneve,
  gre,
  ipv4,
  ipv6,
  mpls,
  ppp,
  pppoe,
  tagged,
  vxlan,
} from '../tunnels';
import { readFiles, type Endpoints } from './reading';

let directory = '';
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'encapsulated-'))));
afterAll(() => rm(directory, { recursive: true }));

async function read(frames: readonly Uint8Array[], endpoints?: Endpoints) {
  const path = join(directory, 'capture.pcap');
  const records = frames.map((one, index) => emitPcapRecord(one, 10 + index / 1000));
  await writeFile(path, joined(emitPcapFileHeader(1), ...records));
  return readFiles([path], endpoints);
}

const request = (text = 'GET /'): Uint8Array => packet({ payload: text });

/** The pieces of an IPv4 packet whose payload is cut at a multiple of 8. */
function fragments(whole: Uint8Array, cut: number): Uint8Array[] {
  return [
    [0, cut],
    [cut, whole.length - 20],
  ].map(([from, to]) => {
    const bytes = joined(whole.subarray(0, 20), whole.subarray(20 + from!, 20 + to!));
    const view = new DataView(bytes.buffer);
    view.setUint16(2, bytes.length);
    view.setUint16(6, from! / 8 + (from === 0 ? 0x2000 : 0));
    return bytes;
  });
}

test('what clients say is taken out of every tunnel, and counted by its name', async () => {
  const { payloads, counters, findings } = await read([
    frame(vxlan(frame(request('vxlan')))),
    frame(geneve(frame(tagged(request('geneve')), 0x8100))),
    frame(gre(request('gre'))),
    frame(erspan(frame(request('erspan')), 2)),
    frame(ipv4(4, request('ip'))),
    frame(ipv6(4, request('ipv6')), ETHERTYPE_IPV6),
    frame(pppoe(ppp(request('pppoe'))), 0x8864),
    frame(mpls(request('mpls'), 2), ETHERTYPE_MPLS),
  ]);
  expect(payloads).toEqual(['vxlan', 'geneve', 'gre', 'erspan', 'ip', 'ipv6', 'pppoe', 'mpls']);
  expect(counters).toMatchObject({ packets: 8, segments: 8 });
  const counted = findings.encapsulations.map(({ name, count }) => [name, count]);
  expect(Object.fromEntries(counted)).toEqual({
    VXLAN: 1,
    GENEVE: 1,
    '802.1Q': 1,
    GRE: 2,
    ERSPAN: 1,
    'IP-in-IP': 2,
    PPPoE: 1,
    PPP: 1,
    MPLS: 1,
  });
});

test('it is the inner address that is copied', async () => {
  const frames = [frame(vxlan(frame(request('mine')))), frame(vxlan(frame(packet({ destination: 1 }))))];
  const { payloads, counters } = await read(frames, [{ address: ONLINE, port: 80 }]);
  expect(payloads).toEqual(['mine']);
  expect(counters).toMatchObject({ 'rejected_not-copied': 1 });
});

test('a packet that was captured inside and outside of a tunnel comes out twice, as it is', async () => {
  expect((await read([frame(request()), frame(vxlan(frame(request())))])).payloads).toEqual([
    'GET /',
    'GET /',
  ]);
});

test('a tunnel that is not known is counted, and named', async () => {
  const { counters, findings } = await read([frame(ipv4(50, new Uint8Array(40))), frame(request())]);
  expect(counters).toMatchObject({ 'rejected_encapsulation-unsupported': 1, segments: 1 });
  expect(findings.unsupported).toEqual([{ name: 'IPsec (ESP)', count: 1 }]);
});

test("a tunnel's packets that were fragmented become whole, and so do packets that were before", async () => {
  const text = 'GET /'.padEnd(200, 'x');
  const outer = fragments(vxlan(frame(request(text))), 64);
  const inner = fragments(request(text.replace('GET', 'PUT')), 48).map((piece) => vxlan(frame(piece)));
  const { payloads, counters } = await read([...outer, ...inner].map((one) => frame(one)));
  expect(payloads.map((payload) => payload.slice(0, 3))).toEqual(['GET', 'PUT']);
  expect(counters).toMatchObject({ packets: 4, 'rejected_fragment-part': 2 });
});

test('fragments that were captured inside and outside of a tunnel are no loss', async () => {
  const pieces = fragments(request('GET /'.padEnd(200, 'x')), 48);
  const frames = pieces.flatMap((piece) => [frame(piece), frame(vxlan(frame(piece)))]);
  const { payloads, counters } = await read(frames);
  expect(payloads).toHaveLength(1);
  expect(Object.keys(counters).filter((name) => name.startsWith('lost_'))).toEqual([]);
});

test('fragments of other datagrams are no loss, be they whole or not', async () => {
  const [first, second] = fragments(ipv4(17, new Uint8Array(200)), 64);
  const { counters } = await read([frame(first!), frame(second!)]);
  expect(counters).toEqual({
    packets: 2,
    segments: 0,
    'rejected_not-tcp': 1,
    'rejected_fragment-part': 1,
  });
});

describe('a super-packet that offload left the total length of to the card', () => {
  const open = (length: number): Uint8Array => {
    const bytes = packet({ payload: 'x'.repeat(length - 1).concat('!') });
    bytes.fill(0, 2, 4);
    return bytes;
  };

  test.each([
    ['shorter than 64 KiB', 9000],
    ['longer, as BIG TCP has them', 180_000],
  ])('is as long as its frame: %s', async (_, length) => {
    const { payloads, counters } = await read([frame(open(length)), frame(vxlan(frame(request())))]);
    expect(payloads[0]).toHaveLength(length);
    expect(payloads[0]!.endsWith('!')).toBe(true);
    expect(counters).toMatchObject({ segments: 2 });
  });

  test('is cut off where its frame is', async () => {
    const whole = frame(open(9000));
    const record = written([10, 0, 4000, whole.length], { littleEndian: true });
    const path = join(directory, 'cut.pcap');
    await writeFile(path, joined(emitPcapFileHeader(1), record, whole.subarray(0, 4000)));
    expect((await readFiles([path])).counters).toMatchObject({ 'rejected_payload-truncated': 1 });
  });

  test('does not swallow the padding of a short frame whose length is there', async () => {
    expect((await read([joined(frame(request()), new Uint8Array(30))])).payloads).toEqual(['GET /']);
  });
});

test('a SYN has its data (TCP Fast Open)', async () => {
  const frames = [
    packet({ flags: SYN, payload: 'GET /early' }),
    packet({ flags: ACK | PSH, payload: 'late' }),
  ];
  expect((await read(frames.map((one) => frame(one)))).payloads).toEqual(['GET /early', 'late']);
});

test('requests over IPv4 and IPv6 come out the same, extension headers and fragments included', async () => {
  const overIpv6 = (payload: string, ...extensions: readonly number[]): Uint8Array => {
    const segment = request(payload).subarray(20);
    return frame(
      extensions.length === 0
        ? ipv6(6, segment)
        : ipv6(extensions[0]!, segment, Uint8Array.from(extensions.slice(1))),
      ETHERTYPE_IPV6,
    );
  };
  const long = request('a request that is cut in two').subarray(20);
  const cut = (from: number, to: number): Uint8Array =>
    frame(
      ipv6(
        44,
        long.subarray(from, to),
        Uint8Array.of(6, 0, from >>> 8, from | (to < long.length ? 1 : 0), 0, 0, 0, 9),
      ),
      ETHERTYPE_IPV6,
    );
  const { payloads, counters } = await read(
    [
      frame(request('plain')),
      overIpv6('plain'),
      overIpv6('options', 60, 6, 0, 1, 4, 0, 0, 0, 0),
      overIpv6('hops', 0, 6, 0, 1, 4, 0, 0, 0, 0),
      cut(0, 32),
      cut(32, long.length),
      frame(vxlan(overIpv6('vxlan'))),
    ],
    [{ address: undefined, port: 80 }],
  );
  expect(payloads).toEqual(['plain', 'plain', 'options', 'hops', 'a request that is cut in two', 'vxlan']);
  expect(counters).toMatchObject({ packets: 7, segments: 6 });
});
