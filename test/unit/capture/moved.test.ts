import { moved } from '../../../lab/capture/moved';
import { packetsIn } from '../../../src/wire/capture/capture-file';
import { emitPcapFileHeader, emitPcapRecord } from '../../../src/wire/capture/pcap';

test('a capture by another clock has the same frames, each as much later', () => {
  const capture = Buffer.concat([
    emitPcapFileHeader(1),
    emitPcapRecord(Buffer.from('first'), 1_700_000_000.25, 900),
    emitPcapRecord(Buffer.from('second'), 1_700_000_000.5),
  ]);
  const later = moved(capture, -2.5);
  const read = (from: Uint8Array) =>
    [...packetsIn(from)].map(({ offset, capturedLength, originalLength, timestamp }) => [
      Buffer.from(from.subarray(offset, offset + capturedLength)).toString(),
      originalLength,
      timestamp,
    ]);
  expect(read(later)).toEqual([
    ['first', 900, 1_699_999_997.75],
    ['second', 6, 1_699_999_998],
  ]);
});
