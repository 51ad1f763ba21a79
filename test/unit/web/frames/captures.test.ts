import { unlogged } from '../../../../lab/web/frames/nflog';
import { PcapPieces } from '../../../../src/wire/capture/pcap-pieces';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { capture } from '../../verify/world/frames';
import { exchangeFrames, kept } from '../world';
import { keptFrames } from '../../../../lab/web/frames/kept';
import { scene } from '../../verify/world/scene';

const NFLOG = 239;
const ETHERNET_BYTES = 14;

describe('a capture that is still being written', () => {
  test.each([1, 7, 100, 10_000])('gives every record once, in pieces of %i bytes', (size) => {
    const whole = capture(exchangeFrames);
    const pieces = new PcapPieces();
    const found = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      pieces.push(whole.subarray(index * size, (index + 1) * size)),
    ).flatMap((piece) => (piece ? keptFrames(piece, scene, () => 0) : []));
    expect(found.map(({ shown }) => ({ ...shown, id: 0 }))).toEqual(
      kept().map(({ shown }) => ({ ...shown, id: 0 })),
    );
  });

  test('gives nothing before a record is whole', () => {
    const whole = capture(exchangeFrames.slice(0, 1));
    const pieces = new PcapPieces();
    expect(pieces.push(whole.subarray(0, whole.length - 1))).toBeUndefined();
    expect(pieces.push(whole.subarray(whole.length - 1))).toEqual(whole);
  });
});

describe('packets that a rule has logged', () => {
  const attribute = (type: number, content: Uint8Array): Buffer => {
    const padded = Buffer.alloc((4 + content.length + 3) & ~3);
    padded.writeUInt16LE(4 + content.length, 0);
    padded.writeUInt16LE(type, 2);
    padded.set(content, 4);
    return padded;
  };
  const logged = (packet: Uint8Array, payloadType = 9): Buffer =>
    Buffer.concat([
      Buffer.from([2, 0, 0, 7]),
      attribute(1, Buffer.from([8, 0, 3, 0])),
      attribute(10, Buffer.from('watch\0')),
      attribute(payloadType, packet),
    ]);
  const file = (records: readonly Uint8Array[]): Uint8Array =>
    Buffer.concat([
      emitPcapFileHeader(NFLOG),
      ...records.map((record, index) => emitPcapRecord(record, 1_700_000_000 + index / 1000)),
    ]);
  const packets = exchangeFrames.map(({ bytes }) => bytes.subarray(ETHERNET_BYTES));

  test('are read as if they had been captured', () => {
    const found = keptFrames(unlogged(file(packets.map((packet) => logged(packet)))), scene, () => 0);
    expect(found.map(({ bytes }) => bytes)).toEqual(kept().map(({ bytes }) => bytes));
    expect(found.map(({ shown }) => shown.at_ms)).toEqual(kept().map(({ shown }) => shown.at_ms));
  });

  test('are left out where the record is damaged or holds none', () => {
    const damaged = logged(packets[0]!);
    damaged.writeUInt16LE(2, 4);
    expect(keptFrames(unlogged(file([damaged, logged(packets[0]!, 11)])), scene, () => 0)).toEqual([]);
  });
});
