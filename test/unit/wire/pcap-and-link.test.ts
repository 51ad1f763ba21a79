import { formatAddress, parseAddress } from '../../../src/wire/address/address';
import { parsePort } from '../../../src/wire/flow';
import { ipv4OffsetInFrame, LINKTYPE } from '../../../src/wire/encapsulation/link';
import { seqAdd, seqDiff, seqLe, seqLt } from '../../../src/wire/sequence';

describe('the IPv4 header in a frame', () => {
  const ethernet = (...types: number[]): Uint8Array => {
    const frame = new Uint8Array(12 + types.length * 4);
    types.forEach((type, index) => {
      frame[12 + index * 4] = type >>> 8;
      frame[13 + index * 4] = type;
    });
    return frame;
  };

  /** A link header with its EtherType at `at`, and tags behind it. */
  const cooked = (at: number, length: number, ...types: number[]): Uint8Array => {
    const frame = new Uint8Array(length + (types.length - 1) * 4 + 20);
    const view = new DataView(frame.buffer);
    types.forEach((type, index) => view.setUint16(index === 0 ? at : length + index * 4 - 2, type));
    return frame;
  };

  test.each([
    ['Ethernet', ethernet(0x0800), LINKTYPE.ethernet, 14],
    ['one VLAN tag', ethernet(0x8100, 0x0800), LINKTYPE.ethernet, 18],
    ['two VLAN tags', ethernet(0x88a8, 0x8100, 0x0800), LINKTYPE.ethernet, 22],
    ['two VLAN tags of old', ethernet(0x9100, 0x8100, 0x0800), LINKTYPE.ethernet, 22],
    ['Linux cooked v1', cooked(14, 16, 0x0800), LINKTYPE.linuxSll, 16],
    ['Linux cooked v1 with a VLAN tag', cooked(14, 16, 0x8100, 0x0800), LINKTYPE.linuxSll, 20],
    ['Linux cooked v2', cooked(0, 20, 0x0800), LINKTYPE.linuxSll2, 20],
    ['Linux cooked v2 with a VLAN tag', cooked(0, 20, 0x8100, 0x0800), LINKTYPE.linuxSll2, 24],
    ['OpenBSD loopback', Uint8Array.of(0, 0, 0, 2, 0x45), LINKTYPE.loop, 4],
    ['raw IP', Uint8Array.of(0x45), LINKTYPE.raw, 0],
    ['raw IP as Linux numbers it', Uint8Array.of(0x45), LINKTYPE.rawOfLinux, 0],
    ['BSD loopback', Uint8Array.of(2, 0, 0, 0, 0x45), LINKTYPE.null, 4],
  ])('is found behind %s', (_, frame, linkType, offset) => {
    expect(ipv4OffsetInFrame(frame, 0, frame.length, linkType)).toBe(offset);
  });

  test.each([
    ['IPv6', ethernet(0x86dd), LINKTYPE.ethernet],
    ['a VLAN tag without an end', ethernet(0x8100), LINKTYPE.ethernet],
    ['nothing', new Uint8Array(0), LINKTYPE.raw],
    ['an unknown link type', Uint8Array.of(0x45), 9999],
  ])('is not found in %s', (_, frame, linkType) => {
    expect(ipv4OffsetInFrame(frame, 0, frame.length, linkType)).toBe(-1);
  });
});

describe('sequence numbers', () => {
  test('compare across the wrap', () => {
    expect(seqLt(0xffff_fff0, 0x10)).toBe(true);
    expect(seqLt(0x10, 0xffff_fff0)).toBe(false);
    expect(seqLe(5, 5)).toBe(true);
    expect(seqDiff(3, 0xffff_ffff)).toBe(4);
    expect(seqAdd(0xffff_ffff, 2)).toBe(1);
  });
});

describe('addresses and ports', () => {
  test.each(['0.0.0.0', '198.18.10.20', '255.255.255.255'])('%s is read and printed', (text) => {
    expect(formatAddress(parseAddress(text)!)).toBe(text);
  });

  test.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.x', ' 1.2.3.4', '1.2.3.-4'])(
    '%j is no address',
    (text) => expect(parseAddress(text)).toBeUndefined(),
  );

  test.each(['0', '65536', '80a', '', '-1', '080', '1e3'])('%j is no port', (text) =>
    expect(parsePort(text)).toBeUndefined(),
  );
});
