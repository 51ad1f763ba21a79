import {
  compileEndpointFilter,
  compileSegmentFilter,
  onlyIncoming,
  type CapturedEndpoint,
} from '../../../../src/kernel/filter/endpoint-filter';
import { emitIpv4 } from '../../../../src/wire/ipv4';
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
  const program = compileEndpointFilter(endpoints);

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
    const all = compileSegmentFilter();
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
