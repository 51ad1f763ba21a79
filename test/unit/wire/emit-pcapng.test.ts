import { packetsIn } from '../../../src/wire/capture/capture-file';
import {
  emitPcapngFrame,
  emitPcapngInterface,
  emitPcapngSection,
  type WrittenFrame,
} from '../../../src/wire/capture/emit-pcapng';

const frame = (place: number, length: number, timestamp: number): WrittenFrame => ({
  interface: place,
  timestamp,
  bytes: Uint8Array.from({ length }, (_, index) => index * 7),
  originalLength: length + 100,
});

test('what is written is read again, of every length, with the time and the link type of its interface', () => {
  const frames = Array.from({ length: 9 }, (_, length) => frame(length % 2, length, 1.7e9 + length / 1e6));
  const file = Buffer.concat([
    emitPcapngSection(),
    emitPcapngInterface({ name: 'client:eth0', linkType: 1 }),
    emitPcapngFrame(frames[0]!),
    emitPcapngInterface({ name: 'test:any', linkType: 276 }),
    ...frames.slice(1).map(emitPcapngFrame),
  ]);
  const read = [...packetsIn(file)].map(
    ({ timestamp, offset, capturedLength, originalLength, linkType }) => ({
      micros: Math.round(timestamp! * 1e6),
      bytes: [...file.subarray(offset, offset + capturedLength)],
      originalLength,
      linkType,
    }),
  );
  expect(read).toEqual(
    frames.map((one) => ({
      micros: Math.round(one.timestamp * 1e6),
      bytes: [...one.bytes],
      originalLength: one.originalLength,
      linkType: one.interface === 0 ? 1 : 276,
    })),
  );
});

test('the name of an interface stands in its block, padded to four bytes', () => {
  for (const name of ['a', 'test', 'client:eth0'])
    expect(Buffer.from(emitPcapngInterface({ name, linkType: 1 })).toString('latin1')).toContain(name);
  expect(emitPcapngInterface({ name: 'a', linkType: 1 })).toHaveLength(32);
});
