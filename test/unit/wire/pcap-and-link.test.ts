import { formatAddress, parseAddress, parsePort } from '../../../src/wire/flow';
import { ipv4OffsetInFrame, LINKTYPE } from '../../../src/wire/link';
import { emitPcapFileHeader, emitPcapRecord, PcapError, readPcap } from '../../../src/wire/pcap';
import { seqAdd, seqDiff, seqLe, seqLt } from '../../../src/wire/sequence';

const file = Buffer.concat([
  emitPcapFileHeader(LINKTYPE.ethernet),
  emitPcapRecord(Uint8Array.of(1, 2, 3), 12.5),
  emitPcapRecord(new Uint8Array(60), 13),
]);

describe('a capture file', () => {
  test('is read as it was written', () => {
    const records = [...readPcap(file)];
    expect(records).toMatchObject([
      { timestamp: 12.5, offset: 40, capturedLength: 3, originalLength: 3 },
      { timestamp: 13, capturedLength: 60 },
    ]);
  });

  test('is read in big-endian order and with nanoseconds', () => {
    const bytes = new Uint8Array(24 + 16 + 1);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0xa1b23c4d);
    view.setUint32(20, LINKTYPE.raw);
    view.setUint32(24, 100);
    view.setUint32(28, 250_000_000);
    view.setUint32(32, 1);
    view.setUint32(36, 1);
    expect([...readPcap(bytes)]).toMatchObject([{ timestamp: 100.25, capturedLength: 1 }]);
  });

  test('that is cut off yields what is whole, then says where it ends', () => {
    const seen: number[] = [];
    const read = (): void => {
      for (const { capturedLength } of readPcap(file.subarray(0, file.length - 5))) seen.push(capturedLength);
    };
    expect(read).toThrow(PcapError);
    expect(seen).toEqual([3]);
  });

  test.each([
    ['is too short', Buffer.alloc(10)],
    ['begins with something else', Buffer.from('GIF89a and more than twenty-four bytes')],
  ])('that %s is refused', (_, bytes) => {
    expect(() => [...readPcap(bytes)]).toThrow(expect.objectContaining({ code: 'not-pcap' }));
  });

  test('with a record of impossible length is damaged there', () => {
    const damaged = Buffer.from(file);
    damaged.writeUInt32LE(0x7fffffff, 24 + 8);
    expect(() => [...readPcap(damaged)]).toThrow(
      expect.objectContaining({ code: 'record-damaged', offset: 24 }),
    );
  });
});

describe('the IPv4 header in a frame', () => {
  const ethernet = (...types: number[]): Uint8Array => {
    const frame = new Uint8Array(12 + types.length * 4);
    types.forEach((type, index) => {
      frame[12 + index * 4] = type >>> 8;
      frame[13 + index * 4] = type;
    });
    return frame;
  };

  test.each([
    ['Ethernet', ethernet(0x0800), LINKTYPE.ethernet, 14],
    ['one VLAN tag', ethernet(0x8100, 0x0800), LINKTYPE.ethernet, 18],
    ['two VLAN tags', ethernet(0x88a8, 0x8100, 0x0800), LINKTYPE.ethernet, 22],
    ['raw IP', Uint8Array.of(0x45), LINKTYPE.raw, 0],
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
