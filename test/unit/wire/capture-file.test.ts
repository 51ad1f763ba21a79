import {
  CAPTURE_BUFFER_BYTES,
  CaptureFileDecoder,
  CaptureFileError,
  packetsIn,
} from '../../../src/wire/capture/capture-file';
import { LINKTYPE } from '../../../src/wire/encapsulation/link';
import { emitPcapFileHeader, emitPcapRecord } from '../../../src/wire/capture/pcap';
import {
  block,
  describedInterface,
  enhancedPacket,
  joined,
  pcapHeader,
  pcapRecord,
  section,
  u16,
  type Order,
} from '../capture/files';

const orders = [
  ['little-endian', { littleEndian: true }],
  ['big-endian', { littleEndian: false }],
] as const;

const data = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index);

/** Packets as `time:length:linkType`, faults as `reason@place`. @param piece_bytes how much is read at once */
function story(file: Uint8Array, piece_bytes = Infinity): string[] {
  const decoder = new CaptureFileDecoder(new Uint8Array(CAPTURE_BUFFER_BYTES));
  const told: string[] = [];
  for (let at = 0; ;) {
    for (let event = decoder.next(); event; event = decoder.next()) {
      if (event.kind === 'fault') told.push(`${event.reason}@${event.at}`);
      else {
        told.push(`${event.timestamp ?? '?'}:${event.capturedLength}:${event.linkType}`);
        const bytes = decoder.bytes.subarray(event.offset, event.offset + event.capturedLength);
        expect(bytes).toEqual(data(event.capturedLength));
      }
    }
    if (at > file.length) return told;
    const room = decoder.room();
    const piece = file.subarray(at, at + Math.min(piece_bytes, room.length));
    room.set(piece);
    decoder.filled(piece.length);
    at += piece.length === 0 ? 1 : piece.length;
  }
}

describe.each(orders)('a %s pcap file', (_, order) => {
  test('is read with microseconds and with nanoseconds', () => {
    const records = [pcapRecord(data(3), 12, 500_000, order), pcapRecord(data(60), 13, 0, order)];
    expect(story(joined(pcapHeader(LINKTYPE.ethernet, order), ...records))).toEqual(['12.5:3:1', '13:60:1']);
    const nanoseconds = [
      pcapHeader(LINKTYPE.raw, order, 0xa1b23c4d),
      pcapRecord(data(1), 100, 250_000_000, order),
    ];
    expect(story(joined(...nanoseconds))).toEqual(['100.25:1:101']);
  });

  test('is read alike in pieces of any size', () => {
    const records = Array.from({ length: 30 }, (_one, index) => pcapRecord(data(index), index, 0, order));
    const file = joined(pcapHeader(1, order), ...records);
    for (const piece_bytes of [1, 2, 7, 64]) expect(story(file, piece_bytes)).toEqual(story(file));
  });

  test('goes on behind damage, and tells where it was', () => {
    const record = pcapRecord(data(20), 10, 0, order);
    const garbage = Uint8Array.from({ length: 37 }, () => 0xee);
    const file = joined(pcapHeader(1, order), record, garbage, record, record);
    expect(story(file)).toEqual(['10:20:1', 'record-damaged@60', '10:20:1', '10:20:1']);
    expect(story(file, 5)).toEqual(story(file));
    // The last record has no other behind it, but the end of the file.
    expect(story(joined(pcapHeader(1, order), record, garbage, record))).toEqual([
      '10:20:1',
      'record-damaged@60',
      '10:20:1',
    ]);
  });
});

describe('a capture file', () => {
  const whole = joined(emitPcapFileHeader(1), emitPcapRecord(data(3), 12.5), emitPcapRecord(data(60), 13));

  test.each([1, 15, 16, 40])('that lacks its last %i bytes yields what is whole', (missing) => {
    expect(story(whole.subarray(0, whole.length - missing))).toEqual(['12.5:3:1', 'file-truncated@43']);
  });

  test('of headers only holds nothing', () => {
    expect(story(emitPcapFileHeader(1))).toEqual([]);
    expect(story(section({ littleEndian: true }))).toEqual([]);
  });

  test.each([
    ['is empty', new Uint8Array(0)],
    ['is too short', new Uint8Array(2)],
    ['begins with something else', Uint8Array.from(Buffer.from('GIF89a and more than twenty-four bytes'))],
  ])('that %s is none', (_, bytes) => {
    expect(story(bytes)).toEqual(['not-a-capture@0']);
  });

  test('is given whole as packets, or as an error behind them', () => {
    expect([...packetsIn(whole)].map(({ offset }) => offset)).toEqual([40, 59]);
    const seen: number[] = [];
    const read = (): void => {
      for (const { capturedLength } of packetsIn(whole.subarray(0, whole.length - 5)))
        seen.push(capturedLength);
    };
    expect(read).toThrow(CaptureFileError);
    expect(read).toThrow(expect.objectContaining({ code: 'file-truncated', offset: 43 }));
    expect(seen).toEqual([3, 3]);
  });
});

describe.each(orders)('a %s pcapng file', (_, order) => {
  const head = joined(section(order), describedInterface(1, order));

  test('is read with its interfaces, their link types and their units of time', () => {
    const file = joined(
      section(order),
      describedInterface(LINKTYPE.ethernet, order),
      describedInterface(LINKTYPE.linuxSll2, order, [[9, Uint8Array.of(9)]]),
      describedInterface(LINKTYPE.raw, order, [
        [2, Uint8Array.from(Buffer.from('eth0'))],
        [9, Uint8Array.of(0x80 | 10)],
        [
          14,
          order.littleEndian
            ? Uint8Array.of(100, 0, 0, 0, 0, 0, 0, 0)
            : Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 100),
        ],
      ]),
      enhancedPacket(data(5), 1_500_000, order),
      enhancedPacket(data(6), 1_500_000_000, order, { from: 1 }),
      enhancedPacket(data(7), 2048, order, { from: 2 }),
    );
    expect(story(file)).toEqual(['1.5:5:1', '1.5:6:276', '102:7:101']);
    for (const piece_bytes of [1, 13]) expect(story(file, piece_bytes)).toEqual(story(file));
  });

  test('is read with simple and obsolete packets', () => {
    const simple = block(3, [9, data(9)], order);
    const snapped = joined(
      section(order),
      describedInterface(1, order, [], 4),
      block(3, [9, data(4)], order),
    );
    const obsolete = block(2, [u16(0), u16(7), 0, 3_000_000, 2, 60, data(2)], order);
    expect(story(joined(head, simple, obsolete))).toEqual(['?:9:1', '3:2:1']);
    expect(story(snapped)).toEqual(['?:4:1']);
  });

  test('is read past blocks that we do not know, however long they are', () => {
    const long = block(0x0bad, [new Uint8Array(3_000_000)], order);
    expect(story(joined(head, long, enhancedPacket(data(1), 0, order)), 65_536)).toEqual(['0:1:1']);
  });

  test('forgets its interfaces with each section, and its byte order too', () => {
    const other: Order = { littleEndian: !order.littleEndian };
    const file = joined(
      head,
      enhancedPacket(data(1), 0, order),
      section(other),
      enhancedPacket(data(2), 0, other),
      describedInterface(101, other),
      enhancedPacket(data(3), 0, other),
    );
    const place = head.length + enhancedPacket(data(1), 0, order).length + section(other).length;
    expect(story(file)).toEqual(['0:1:1', `interface-unknown@${place}`, '0:3:101']);
  });

  test('goes on behind a record that contradicts itself, and behind damage', () => {
    const contradiction = block(6, [0, 0, 0, 5000, 5000, data(4)], order);
    const packet = enhancedPacket(data(4), 0, order);
    const garbage = Uint8Array.from({ length: 41 }, () => 0xee);
    const file = joined(head, contradiction, packet, garbage, packet);
    const place = head.length + contradiction.length + packet.length;
    expect(story(file)).toEqual([
      `packet-damaged@${head.length}`,
      '0:4:1',
      `record-damaged@${place}`,
      '0:4:1',
    ]);
    expect(story(file, 3)).toEqual(story(file));
  });

  test('that is cut off yields what is whole', () => {
    const packet = enhancedPacket(data(40), 0, order);
    for (const missing of [1, 30, 70]) {
      const file = joined(head, packet, packet.subarray(0, packet.length - missing));
      expect(story(file)).toEqual(['0:40:1', `file-truncated@${head.length + packet.length}`]);
    }
  });
});
