import {
  compileBothWaysFilter,
  compileEndpointFilter,
  compileSegmentFilter,
  onlyIncoming,
  type CapturedEndpoint,
} from '../../../../src/kernel/filter/endpoint-filter';
import { emitIpv4 } from '../../../../src/wire/ip/ipv4';
import { BUCKETS, bucketOf, type BucketState } from '../../../../src/wire/tables/bucket';
import { limitToBuckets, limitToLeftOut } from '../../../../src/kernel/filter/bucket-filter';
import { WHOLE_PACKET } from '../../../../src/kernel/filter/classic-bpf';
import { parseAddress, writeIpv6Address } from '../../../../src/wire/address/address';
import { writeU32 } from '../../../../src/wire/big-endian';
import { isSampled } from '../../../../src/wire/tables/sample';
import { emitIpv6 } from '../../../../src/wire/ip/ipv6';
import { emitTcp } from '../../../../src/wire/tcp';
import { runFilter, type Receipt } from './bpf-machine';

const lets = (program: Uint8Array, packet: Uint8Array, receipt?: Receipt): boolean =>
  runFilter(program, packet, receipt) > 0;

function segment(
  destination: number,
  port: number,
  changes: (bytes: Uint8Array) => void = () => undefined,
): Uint8Array {
  const bytes = new Uint8Array(40);
  emitIpv4(bytes, 0, { totalLength: 40, identification: 0, ttl: 1, protocol: 6, source: 9, destination });
  emitTcp(bytes, 20, {
    sourcePort: 80,
    destinationPort: port,
    sequence: 0,
    acknowledgment: 0,
    headerLength: 20,
    flags: 0,
    window: 0,
  });
  changes(bytes);
  return bytes;
}

const A = 0xc6120a14;
const B = 0xc6120b14;

describe('the socket filter', () => {
  const endpoints: readonly CapturedEndpoint[] = [
    { address: undefined, port: 80 },
    { address: B, port: 443 },
  ];
  const program = compileEndpointFilter(endpoints, 4);

  test.each([
    [A, 80],
    [B, 80],
    [B, 443],
  ])('lets segments to %i:%i in', (address, port) => {
    expect(lets(program, segment(address, port))).toBe(true);
  });

  test.each([
    ['to another port', segment(A, 81)],
    ['to a port that is copied for another address only', segment(A, 443)],
    ['of another protocol', segment(A, 80, (bytes) => (bytes[9] = 17))],
    ['that are later fragments', segment(A, 80, (bytes) => (bytes[7] = 5))],
  ])('keeps packets %s out', (_, packet) => {
    expect(lets(program, packet)).toBe(false);
  });

  test('of segments lets in those to any port, and no later fragments', () => {
    const all = compileSegmentFilter(4);
    expect(lets(all, segment(A, 81))).toBe(true);
    expect(
      lets(
        all,
        segment(A, 81, (bytes) => (bytes[9] = 17)),
      ),
    ).toBe(false);
    expect(
      lets(
        all,
        segment(A, 81, (bytes) => (bytes[7] = 5)),
      ),
    ).toBe(false);
  });

  test('finds the port behind IP options', () => {
    const long = new Uint8Array(44);
    long.set(segment(A, 9999));
    long.copyWithin(24, 20, 40);
    long[0] = 0x46;
    long[26] = 0;
    long[27] = 80;
    expect(lets(program, long)).toBe(true);
  });

  describe('of what comes in', () => {
    const incoming = onlyIncoming(program, { forOthers: false, except: [1, 7] });

    test.each<[Receipt['type'], boolean]>([
      ['host', true],
      ['broadcast', true],
      ['multicast', true],
      ['other-host', false],
      ['outgoing', false],
    ])('a packet of type %s: %s', (type, expected) => {
      expect(lets(incoming, segment(A, 80), { type, device: 2 })).toBe(expected);
    });

    test.each<[Receipt['type'], boolean]>([
      ['host', true],
      ['other-host', true],
      ['outgoing', false],
    ])('of a packet of type %s for whom it may: %s', (type, expected) => {
      const heard = onlyIncoming(program, { forOthers: true, except: [] });
      expect(lets(heard, segment(A, 80), { type, device: 2 })).toBe(expected);
    });

    test.each([
      [2, true],
      [1, false],
      [7, false],
    ])('by device %i: %s', (device, expected) => {
      expect(lets(incoming, segment(A, 80), { type: 'host', device })).toBe(expected);
    });

    test('still asks what the program asks', () => {
      expect(lets(incoming, segment(A, 81))).toBe(false);
    });
  });
});

describe('the socket filter of IPv6', () => {
  const named = parseAddress('2001:2::20')!;
  const endpoints: readonly CapturedEndpoint[] = [
    { address: undefined, port: 80 },
    { address: named, port: 443 },
    { address: A, port: 22 },
  ];
  const program = compileEndpointFilter(endpoints, 6);
  const EXTENSION = { hopByHop: [0, 0], routing: [43, 2], options: [60, 1], fragment: [44, 0] } as const;

  /** @param extensions each with how many units of 8 bytes there are behind its first */
  function overIpv6(
    destination: string,
    port: number,
    extensions: readonly (keyof typeof EXTENSION)[] = [],
    last = 6,
    fragmentOffset = 0,
  ): Uint8Array {
    const protocols = [...extensions.map((name) => EXTENSION[name][0]), last];
    const headers = extensions.map((name, index) => {
      const header = new Uint8Array(8 + 8 * EXTENSION[name][1]);
      header[0] = protocols[index + 1]!;
      if (name === 'fragment') header[3] = fragmentOffset;
      else header[1] = EXTENSION[name][1];
      return header;
    });
    const segmentBytes = segment(A, port).subarray(20);
    const bytes = Buffer.concat([new Uint8Array(40), ...headers, segmentBytes]);
    emitIpv6(bytes, 0, {
      payloadLength: bytes.length - 40,
      nextHeader: protocols[0]!,
      hopLimit: 64,
      source: parseAddress('2001:2::10')!,
      destination: parseAddress(destination)!,
    });
    return bytes;
  }

  test.each([
    ['to a port of any address', overIpv6('2001:2::99', 80), true],
    ['to a port of the address that is named', overIpv6('2001:2::20', 443), true],
    ['to that port of another address', overIpv6('2001:3::20', 443), false],
    ['to a port that is named for IPv4', overIpv6('2001:2::20', 22), false],
    ['to another port', overIpv6('2001:2::20', 81), false],
    ['behind one extension header', overIpv6('2001:2::20', 80, ['hopByHop']), true],
    ['behind three', overIpv6('2001:2::20', 80, ['hopByHop', 'routing', 'options']), true],
    ['behind three, to another port', overIpv6('2001:2::20', 81, ['hopByHop', 'routing', 'options']), false],
    [
      'behind four, which is looked at later',
      overIpv6('2001:2::2', 81, ['hopByHop', 'routing', 'options', 'options']),
      true,
    ],
    ['in a first fragment', overIpv6('2001:2::20', 80, ['options', 'fragment']), true],
    ['in a first fragment, to another port', overIpv6('2001:2::20', 81, ['fragment']), false],
    ['in a later fragment', overIpv6('2001:2::20', 80, ['fragment'], 6, 8), false],
    ['of UDP', overIpv6('2001:2::20', 80, ['hopByHop'], 17), false],
    ['of ICMPv6', overIpv6('2001:2::20', 80, [], 58), false],
  ])('a packet %s', (_, packet, expected) => {
    expect(lets(program, packet)).toBe(expected);
  });

  test('of segments lets in those to any port', () => {
    const all = compileSegmentFilter(6);
    expect(
      [
        overIpv6('2001:2::20', 9),
        overIpv6('2001:2::20', 9, ['options']),
        overIpv6('2001:2::20', 9, [], 17),
      ].map((packet) => lets(all, packet)),
    ).toEqual([true, true, false]);
  });

  test('lets nothing in where IPv4 alone is copied', () => {
    expect(lets(compileEndpointFilter([{ address: A, port: 80 }], 6), overIpv6('2001:2::20', 80))).toBe(
      false,
    );
  });

  test('comes to the same buckets as the engine', () => {
    const packet = overIpv6('2001:2::20', 80);
    const bucket = bucketOf(parseAddress('2001:2::10')!, 80);
    const states = Array.from({ length: BUCKETS }, (): BucketState => 'closed');
    expect(lets(limitToBuckets(program, states, 6), packet)).toBe(false);
    states[bucket] = 'open';
    expect(lets(limitToBuckets(program, states, 6), packet)).toBe(true);
    expect(lets(limitToLeftOut(program, states, 6), packet)).toBe(false);
  });
});

describe('the filter of both ways', () => {
  const program = compileBothWaysFilter([8080, 443], 4, [1], 160);
  const from = (port: number): Uint8Array =>
    segment(A, 9, (bytes) => bytes.set([port >>> 8, port & 0xff], 20));

  test('lets the beginning in of what comes to its ports, and of what goes out from them', () => {
    for (const type of ['host', 'outgoing'] as const)
      for (const packet of [segment(A, 8080), segment(B, 443), from(8080), from(443)])
        expect(runFilter(program, packet, { type, device: 2 })).toBe(160);
  });

  test('keeps away other ports and protocols, another family, and devices that are excepted', () => {
    expect(lets(program, segment(A, 81))).toBe(false);
    expect(lets(program, from(81))).toBe(false);
    expect(
      lets(
        program,
        segment(A, 8080, (bytes) => (bytes[9] = 17)),
      ),
    ).toBe(false);
    expect(lets(program, segment(A, 8080), { type: 'host', device: 1 })).toBe(false);
    expect(lets(compileBothWaysFilter([8080], 6, [], 160), segment(A, 8080))).toBe(false);
  });

  test.each([
    [4, 500],
    [4, 9_999],
    [6, 3000],
  ] as const)(
    'of IPv%i lets in the same share of clients, in either direction, %i in 10,000',
    (family, share) => {
      const sampling = compileBothWaysFilter([8080], family, [], WHOLE_PACKET, share);
      const client = parseAddress(family === 4 ? '198.18.10.10' : '2001:2::10')!;
      let sampled = 0;
      for (let port = 1024; port < 4024; port += 1) {
        const isIn = isSampled(client, port, share);
        sampled += isIn ? 1 : 0;
        const base =
          family === 4 ? segment(A, 8080) : Uint8Array.of(0x60, 0, 0, 0, 0, 20, 6, 1, ...new Uint8Array(52));
        const tcp = family === 4 ? 20 : 40;
        const bothWays = [tcp, tcp + 2].map((at) => {
          const bytes = new Uint8Array(base);
          const server = at === tcp ? tcp + 2 : tcp;
          bytes.set([port >>> 8, port & 0xff], at);
          bytes.set([8080 >>> 8, 8080 & 0xff], server);
          const sourceAt = family === 4 ? 12 : 8;
          if (family === 4) writeU32(bytes, at === tcp ? sourceAt : sourceAt + 4, client);
          else writeIpv6Address(bytes, at === tcp ? sourceAt : sourceAt + 16, client);
          return lets(sampling, bytes);
        });
        expect({ port, bothWays }).toEqual({ port, bothWays: [isIn, isIn] });
      }
      expect(Math.abs(sampled / 3000 - share / 10_000)).toBeLessThan(0.02);
    },
  );
});
