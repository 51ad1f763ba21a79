import { formatAddress, parseAddress } from '../../../../src/wire/address/address';
import { tcpChecksum } from '../../../../src/wire/checksum';
import { FragmentTable } from '../../../../src/wire/ip/fragments';
import { emitIp, ipHeader_bytes } from '../../../../src/wire/ip/ip';
import { emptySegmentView, viewSegment } from '../../../../src/wire/segment';
import { checkSegment } from '../../../../src/wire/segment-checksum';
import { ACK, emitTcp, PSH, putTcpChecksum } from '../../../../src/wire/tcp';

const SOURCE = '2001:2:0:10::10';
const DESTINATION = '2001:2:0:10::20';
const HEADER = 40;

/** @param source of IPv6 */
function segment(payload: string, source = SOURCE): Uint8Array {
  const bytes = new Uint8Array(HEADER + 20 + payload.length);
  const [from, to] = [parseAddress(source)!, parseAddress(DESTINATION)!];
  emitIp(bytes, 0, { identification: 0, ttl: 64, source: from, destination: to }, bytes.length - HEADER);
  const ports = { sourcePort: 40_000, destinationPort: 80 };
  const numbers = { sequence: 7, acknowledgment: 9, headerLength: 20, flags: ACK | PSH, window: 500 };
  emitTcp(bytes, HEADER, { ...ports, ...numbers });
  bytes.set(Buffer.from(payload), HEADER + 20);
  putTcpChecksum(bytes, HEADER, tcpChecksum(bytes, HEADER, bytes.length - HEADER, from, to));
  return bytes;
}

/** With headers between IPv6 and TCP, each a protocol's number and how many units of 8 bytes follow its first. */
function extended(whole: Uint8Array, ...headers: readonly (readonly [number, number])[]): Uint8Array {
  const protocols = [...headers.map(([protocol]) => protocol), whole[6]!];
  const between = headers.map(([, units], index) => {
    const header = new Uint8Array(8 + 8 * units);
    header.set([protocols[index + 1]!, units]);
    return header;
  });
  const bytes = Uint8Array.from(
    Buffer.concat([whole.subarray(0, HEADER), ...between, whole.subarray(HEADER)]),
  );
  bytes[6] = protocols[0]!;
  new DataView(bytes.buffer).setUint16(4, bytes.length - HEADER);
  return bytes;
}

/** A part of what is behind the header, as a fragment. */
function fragment(whole: Uint8Array, from: number, to: number, identification = 1): Uint8Array {
  const bytes = extended(whole.slice(0, HEADER), [44, 0]);
  const part = Uint8Array.from(Buffer.concat([bytes, whole.subarray(HEADER + from, HEADER + to)]));
  const view = new DataView(part.buffer);
  view.setUint16(4, part.length - HEADER);
  view.setUint16(HEADER + 2, from | (HEADER + to < whole.length ? 1 : 0));
  view.setUint32(HEADER + 4, identification);
  return part;
}

const faultOf = (bytes: Uint8Array, available = bytes.length): string | undefined =>
  viewSegment(emptySegmentView(), bytes, 0, available, 'whole');

test('a segment over IPv6 gives back what was written, and its checksum is right', () => {
  const view = emptySegmentView();
  expect(viewSegment(view, segment('hello'), 0, 65, 'whole')).toBeUndefined();
  expect(view).toMatchObject({ sourcePort: 40_000, destinationPort: 80, sequence: 7, payloadLength: 5 });
  expect([view.source, view.destination].map(formatAddress)).toEqual([SOURCE, DESTINATION]);
  expect([view.ipOffset, view.tcpOffset, view.payloadOffset]).toEqual([0, 40, 60]);
  expect(checkSegment(view)).toBe('right');
  expect(ipHeader_bytes(view.source)).toBe(40);
});

test('a byte that changed is found by the checksum, in an address too', () => {
  for (const at of [23, 39, 62]) {
    const bytes = segment('hello');
    bytes[at]! ^= 1;
    const view = emptySegmentView();
    viewSegment(view, bytes, 0, bytes.length, 'whole');
    expect(checkSegment(view)).toBe('wrong');
  }
});

test.each<[string, readonly (readonly [number, number])[]]>([
  ['hop-by-hop options', [[0, 0]]],
  ['destination options', [[60, 2]]],
  ['a routing header', [[43, 2]]],
  [
    'several of them',
    [
      [0, 0],
      [60, 1],
      [43, 0],
      [60, 0],
    ],
  ],
  ['a fragment header that stands for a whole packet', [[44, 0]]],
])('a segment is found behind %s', (_, headers) => {
  const bytes = extended(segment('hello'), ...headers);
  const view = emptySegmentView();
  expect(viewSegment(view, bytes, 0, bytes.length, 'whole')).toBeUndefined();
  expect(view.payloadLength).toBe(5);
  expect(Buffer.from(bytes.subarray(view.payloadOffset)).toString()).toBe('hello');
});

test('padding behind the packet is no payload', () => {
  const bytes = Uint8Array.from([...segment('hello'), 0, 0, 0]);
  const view = emptySegmentView();
  expect(viewSegment(view, bytes, 0, bytes.length, 'whole')).toBeUndefined();
  expect(view.payloadLength).toBe(5);
});

test('a super-packet without a length is as long as it was on the wire', () => {
  const bytes = segment('x'.repeat(70_000));
  new DataView(bytes.buffer).setUint16(4, 0);
  const view = emptySegmentView();
  expect(viewSegment(view, bytes, 0, bytes.length, 'whole')).toBeUndefined();
  expect(view.payloadLength).toBe(70_000);
});

test.each<[string, Uint8Array, number?]>([
  ['ipv6-truncated', segment('x'), 39],
  ['ipv6-truncated', extended(segment('x'), [60, 9]), 60],
  ['tcp-truncated', segment('x'), 50],
  ['payload-truncated', segment('hello'), 62],
  ['not-tcp', Uint8Array.from(segment('x'), (byte, at) => (at === 6 ? 58 : byte))],
  ['ipv6-fragment', fragment(segment('hello, world'), 0, 24)],
  [
    'ipv6-bad-payload-length',
    Uint8Array.from(extended(segment('x'), [0, 0]), (byte, at) => (at === 5 ? 4 : byte)),
  ],
])('%s is told', (fault, bytes, available = bytes.length) => {
  expect(faultOf(bytes, available)).toBe(fault);
});

test('an IPv4-mapped address on the wire is nobody’s: it must not be taken for an IPv4 client', () => {
  const bytes = segment('x');
  bytes.fill(0, 8, 24);
  bytes.set([0xff, 0xff, 198, 18, 10, 10], 18);
  expect(faultOf(bytes)).toBe('ipv6-bad-address');
});

describe('fragments of IPv6', () => {
  const whole = segment('0123456789'.repeat(6));
  const cuts = [0, 24, 48, whole.length - HEADER];
  const pieces = [0, 1, 2].map((at) => fragment(whole, cuts[at]!, cuts[at + 1]!));

  function added(some: readonly Uint8Array[]): { whole: Uint8Array | undefined; lost: string[] } {
    const lost: string[] = [];
    const table = new FragmentTable((reason) => lost.push(reason));
    let result: Uint8Array | undefined;
    for (const piece of some) result = table.add(piece, 0, piece.length, 0) ?? result;
    table.end();
    return { whole: result, lost };
  }

  test.each([
    ['in order', [0, 1, 2]],
    ['backwards', [2, 1, 0]],
    ['some of them twice', [1, 1, 0, 2]],
  ])('become the packet again when they come %s', (_, places) => {
    expect(added(places.map((place) => pieces[place]!))).toEqual({ whole, lost: [] });
  });

  test('keep the headers that stand before the fragment header', () => {
    const longer = extended(whole, [60, 0]);
    const parts = [0, 1, 2].map((at) => {
      const piece = pieces[at]!;
      return extended(piece, [60, 0]);
    });
    expect(added(parts)).toEqual({ whole: longer, lost: [] });
  });

  test('that overlap with other bytes are given up', () => {
    const other = pieces[1]!.slice();
    other[other.length - 1]! ^= 1;
    expect(added([pieces[0]!, pieces[1]!, other]).lost).toContain('fragments-overlap');
  });

  test('of two packets are not mixed', () => {
    const second = fragment(whole, 24, 48, 2);
    expect(added([pieces[0]!, second, pieces[2]!]).whole).toBeUndefined();
  });
});
