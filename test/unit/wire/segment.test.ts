import { finishChecksum, pseudoHeaderSum, tcpChecksum } from '../../../src/wire/checksum';
import { emitIpv4 } from '../../../src/wire/ip/ipv4';
import { formatSegment } from '../../../src/wire/print';
import { emptySegmentView, viewSegment } from '../../../src/wire/segment';
import { checkSegment } from '../../../src/wire/segment-checksum';
import { ACK, emitTcp, PSH, putTcpChecksum, SYN } from '../../../src/wire/tcp';
import { emitSynOptions, readSynOptions } from '../../../src/wire/tcp-options';

function packet(payload: string, changes: (bytes: Uint8Array) => void = () => undefined): Uint8Array {
  const bytes = new Uint8Array(40 + payload.length).fill(0xee);
  emitIpv4(bytes, 0, {
    totalLength: bytes.length,
    identification: 7,
    ttl: 64,
    protocol: 6,
    source: 0xc6120a0a,
    destination: 0xc6120a14,
  });
  emitTcp(bytes, 20, {
    sourcePort: 40_000,
    destinationPort: 80,
    sequence: 0xffff_fffe,
    acknowledgment: 5,
    headerLength: 20,
    flags: ACK | PSH,
    window: 502,
  });
  bytes.set(new TextEncoder().encode(payload), 40);
  changes(bytes);
  return bytes;
}

const fault = (bytes: Uint8Array, available = bytes.length): string | undefined =>
  viewSegment(emptySegmentView(), bytes, 0, available, 'whole');

describe('a segment view', () => {
  test('gives back what was written', () => {
    const view = emptySegmentView();
    expect(viewSegment(view, packet('hello'), 0, 45, 'whole')).toBeUndefined();
    expect(view).toMatchObject({
      source: 0xc6120a0a,
      destination: 0xc6120a14,
      sourcePort: 40_000,
      destinationPort: 80,
      sequence: 0xffff_fffe,
      acknowledgment: 5,
      flags: ACK | PSH,
      window: 502,
      payloadOffset: 40,
      payloadLength: 5,
    });
  });

  test('prints like tcpdump, with sequence numbers that wrap', () => {
    const view = emptySegmentView();
    viewSegment(view, packet('hello'), 0, 45, 'whole');
    expect(formatSegment(view)).toBe(
      'IP 198.18.10.10:40000 > 198.18.10.20:80: Flags [P.], seq 4294967294:3, ack 5, win 502, length 5',
    );
  });

  test('ignores bytes behind the total length, as Ethernet pads short frames', () => {
    const padded = new Uint8Array(60);
    padded.set(packet('hello'));
    const view = emptySegmentView();
    expect(viewSegment(view, padded, 0, 60, 'whole')).toBeUndefined();
    expect(view.payloadLength).toBe(5);
  });

  test.each([
    ['ipv4-truncated', packet('x'), 19],
    ['ipv4-not-version-4', packet('x', (bytes) => (bytes[0] = 0x55)), 41],
    ['ipv4-bad-header-length', packet('x', (bytes) => (bytes[0] = 0x44)), 41],
    ['ipv4-bad-total-length', packet('x', (bytes) => bytes.fill(19, 3, 4)), 41],
    ['not-tcp', packet('x', (bytes) => (bytes[9] = 17)), 41],
    ['ipv4-fragment', packet('x', (bytes) => (bytes[7] = 1)), 41],
    ['tcp-truncated', packet('x'), 30],
    ['tcp-bad-header-length', packet('x', (bytes) => (bytes[32] = 0x40)), 41],
    ['payload-truncated', packet('hello'), 42],
  ])('tells %s', (reason, bytes, available) => {
    expect(fault(bytes, available)).toBe(reason);
  });

  test('takes the length of a super-packet that tells none from what was on the wire, if that is known', () => {
    const open = packet('hello', (bytes) => bytes.fill(0, 2, 4));
    const view = emptySegmentView();
    expect(viewSegment(view, open, 0, 45, 'whole')).toBeUndefined();
    expect(view.payloadLength).toBe(5);
    expect(viewSegment(view, open, 0, 40, 'headers', 100_040)).toBeUndefined();
    expect(view.payloadLength).toBe(100_000);
    expect(viewSegment(view, open, 0, 40, 'whole', 45)).toBe('payload-truncated');
    expect(viewSegment(view, open, 0, 40, 'headers')).toBe('ipv4-bad-total-length');
  });

  test('has the data of a SYN (TCP Fast Open), behind its options', () => {
    const early = packet('....hello', (bytes) => {
      bytes[32] = 0x60; // a header of 24 bytes
      bytes[33] = SYN;
      bytes.set([34, 4, 1, 2], 40); // the option, with a cookie
    });
    const view = emptySegmentView();
    expect(viewSegment(view, early, 0, early.length, 'whole')).toBeUndefined();
    expect(view).toMatchObject({ flags: SYN, sequence: 0xffff_fffe, payloadOffset: 44, payloadLength: 5 });
  });

  test('needs no payload where only headers were copied', () => {
    const view = emptySegmentView();
    expect(viewSegment(view, packet('hello'), 0, 40, 'headers')).toBeUndefined();
    expect(view.payloadLength).toBe(5);
  });
});

describe("a segment's checksum", () => {
  const finding = (payload: string, field: (length: number) => number): string => {
    const bytes = packet(payload, (whole) => putTcpChecksum(whole, 20, field(whole.length - 20)));
    const view = emptySegmentView();
    viewSegment(view, bytes, 0, bytes.length, 'whole');
    return checkSegment(view);
  };
  const sumOf = (length: number): number =>
    ~finishChecksum(pseudoHeaderSum(0xc6120a0a, 0xc6120a14, length)) & 0xffff;
  const right = (payload: string): number => {
    const bytes = packet(payload);
    return tcpChecksum(bytes, 20, bytes.length - 20, 0xc6120a0a, 0xc6120a14);
  };

  test('is right or wrong', () => {
    expect(finding('hello', () => right('hello'))).toBe('right');
    expect(finding('hallo', () => right('hello'))).toBe('wrong');
    expect(finding('hello', () => 0)).toBe('wrong');
  });

  test('tells nothing while the pseudo-header alone is in it, with its length or without', () => {
    expect(finding('hello', (length) => sumOf(length))).toBe('left-open');
    expect(finding('hello', () => sumOf(0))).toBe('left-open');
    expect(finding('hello', () => sumOf(1))).toBe('wrong');
  });

  test('tells nothing in a packet that was put together of several', () => {
    expect(finding('x'.repeat(1460), () => 1)).toBe('wrong');
    expect(finding('x'.repeat(1461), () => 1)).toBe('left-open');
  });
});

describe('the options of a SYN', () => {
  function withOptions(options: readonly number[]): Uint8Array {
    const bytes = new Uint8Array(60);
    const length = Math.ceil(options.length / 4) * 4;
    emitTcp(bytes, 0, {
      sourcePort: 1,
      destinationPort: 2,
      sequence: 0,
      acknowledgment: 0,
      headerLength: 20 + length,
      flags: SYN,
      window: 0,
    });
    bytes.set(options, 20);
    return bytes;
  }

  test('are read as they were written', () => {
    const bytes = withOptions([0, 0, 0, 0, 0, 0, 0, 0]);
    const options = { maximumSegmentSize: 1460, windowScale: 7 };
    expect(emitSynOptions(bytes, 20, options)).toBe(8);
    expect(readSynOptions(bytes, 0)).toEqual(options);
  });

  test('are read out of the list that Linux sends', () => {
    const linux = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 10];
    expect(readSynOptions(withOptions(linux), 0)).toEqual({ maximumSegmentSize: 1460, windowScale: 10 });
  });

  test.each([
    ['ends in the middle of an option', [1, 1, 2, 4]],
    ['has an option of length zero', [2, 0, 5, 0xb4]],
    ['has an option longer than the list', [3, 40, 7, 0]],
  ])('are taken as absent where the list %s', (_, options) => {
    expect(readSynOptions(withOptions(options), 0)).toEqual({
      maximumSegmentSize: undefined,
      windowScale: undefined,
    });
  });

  test('never ask for a larger shift than 14 (RFC 7323)', () => {
    expect(readSynOptions(withOptions([3, 3, 200, 0]), 0).windowScale).toBe(14);
  });
});
