import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { CaptureFiles } from '../../../../src/capture/file/capture-files';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { SYN } from '../../../../src/wire/tcp';
import { converted, formats } from '../converted';
import { block, describedInterface, enhancedPacket, joined, section, written } from '../files';
import { ethernet, ONLINE, packet } from '../packets';
import { everywhere, readFiles, type Endpoints } from './reading';

let directory = '';
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'pcap-file-'))));
afterAll(() => rm(directory, { recursive: true }));

async function read(bytes: Uint8Array, endpoints?: Endpoints) {
  const path = join(directory, 'capture');
  await writeFile(path, bytes);
  return readFiles([path], endpoints);
}

const capture = (...frames: readonly Uint8Array[]): Uint8Array =>
  joined(emitPcapFileHeader(1), ...frames.map((frame, index) => emitPcapRecord(frame, 10 + index)));

test('only what clients say to the copied ports comes out, and the rest is counted', async () => {
  const answer = packet({ source: ONLINE, sourcePort: 80, destinationPort: 40_000, payload: 'HTTP' });
  const arp = new Uint8Array(42);
  const udp = packet();
  udp[9] = 17;
  const frames = [packet({ flags: SYN }), packet({ payload: 'GET' }), answer, udp].map(ethernet);
  const { payloads, times, counters } = await read(capture(...frames, arp));
  expect(payloads).toEqual(['', 'GET']);
  expect(times).toEqual([10, 11]);
  expect(counters).toMatchObject({
    packets: 5,
    segments: 2,
    'rejected_not-copied': 1,
    'rejected_not-tcp': 1,
    'rejected_not-ip': 1,
  });
});

test('an address of the online server leaves others out', async () => {
  const other = packet({ destination: ONLINE + 1, payload: 'other' });
  const file = capture(ethernet(packet({ payload: 'mine' })), ethernet(other));
  expect((await read(file, [{ address: ONLINE, port: 80 }])).payloads).toEqual(['mine']);
});

test('a client packet that was snapped is counted; one of the servers makes no difference', async () => {
  const cut = (whole: Uint8Array, length: number): Uint8Array =>
    joined(written([10, 0, length, whole.length], { littleEndian: true }), whole.subarray(0, length));
  const answer = ethernet(
    packet({ source: ONLINE, sourcePort: 80, destinationPort: 40_000, payload: 'long answer' }),
  );
  const asked = ethernet(packet({ payload: 'long request' }));
  const file = joined(emitPcapFileHeader(1), cut(answer, 58), cut(asked, 58), cut(asked, 30), cut(asked, 40));
  expect((await read(file)).counters).toMatchObject({
    'rejected_not-copied': 1,
    'rejected_payload-truncated': 1,
    'rejected_ipv4-truncated': 1,
    'rejected_tcp-truncated': 1,
  });
});

test('fragments become the packet again; one that lacks a piece is counted', async () => {
  const pieces = (whole: Uint8Array): Uint8Array[] =>
    [
      [0, 24],
      [24, whole.length - 20],
    ].map(([from, to]) => {
      const bytes = joined(whole.subarray(0, 20), whole.subarray(20 + from!, 20 + to!));
      const view = new DataView(bytes.buffer);
      view.setUint16(2, bytes.length);
      view.setUint16(6, from! / 8 + (from === 0 ? 0x2000 : 0));
      return ethernet(bytes);
    });
  const [first, second] = pieces(packet({ payload: 'GET /fragmented' }));
  const [alone] = pieces(packet({ payload: 'GET /lost', sequence: 7 }));
  const { payloads, counters } = await read(capture(second!, alone!, first!));
  expect(payloads).toEqual(['GET /fragmented']);
  expect(counters).toMatchObject({ 'rejected_fragment-part': 2, 'lost_fragments-missing': 1 });
});

test('packets without a time come with the one before, and take no time', async () => {
  const order = { littleEndian: true };
  const simple = (text: string): Uint8Array => {
    const bytes = ethernet(packet({ payload: text }));
    return block(3, [bytes.length, bytes], order);
  };
  const { payloads, times } = await read(
    joined(
      section(order),
      describedInterface(1, order),
      simple('a'),
      enhancedPacket(ethernet(packet({ payload: 'b' })), 1_000_000, order),
      simple('c'),
    ),
  );
  expect(payloads).toEqual(['a', 'b', 'c']);
  expect(times).toEqual([undefined, 1, undefined]);
});

test('a file larger than the buffer is read in pieces, whatever its blocks', async () => {
  const order = { littleEndian: false };
  const payload = 'x'.repeat(1400);
  const frames = Array.from({ length: 5000 }, (_, index) =>
    enhancedPacket(ethernet(packet({ payload: `${index} ${payload}` })), index * 1_000_000, order),
  );
  const { payloads, times } = await read(joined(section(order), describedInterface(1, order), ...frames));
  expect(payloads.map((text) => Number(text.split(' ')[0]))).toEqual(frames.map((_, index) => index));
  expect(times.at(-1)).toBe(4999);
});

test('what is cut off or damaged is told with its place, and the rest is read', async () => {
  const one = emitPcapRecord(ethernet(packet({ payload: 'one' })), 10);
  const garbage = new Uint8Array(33).fill(0xee);
  const file = joined(emitPcapFileHeader(1), one, garbage, one, one, one.subarray(0, 50));
  const { payloads, damages } = await read(file);
  expect(payloads).toEqual(['one', 'one', 'one']);
  expect(damages).toEqual([
    { file: join(directory, 'capture'), reason: 'record-damaged', at: 24 + one.length },
    { file: join(directory, 'capture'), reason: 'file-truncated', at: file.length - 50 },
  ]);
});

test.each([
  ['no capture', Uint8Array.from(Buffer.from('#!/bin/sh\necho not a capture')), /is no capture file/],
  ['empty', new Uint8Array(0), /is empty/],
])('a file that is %s is refused', async (_, bytes, message) => {
  await expect(read(bytes)).rejects.toThrow(message);
});

test('a file that is not there, or a directory, is refused with its name', async () => {
  await expect(CaptureFiles.open(['/nowhere/online.pcap'], everywhere)).rejects.toThrow(
    /cannot read \/nowhere/,
  );
  await expect(CaptureFiles.open([directory], everywhere)).rejects.toThrow(directory);
});

describe('a capture that editcap converts', () => {
  const original = capture(
    ...Array.from({ length: 50 }, (_, index) => ethernet(packet({ payload: `request ${index}` }))),
  );

  // Digests of what editcap 4.0.17 wrote.
  test.each([
    ['pcapng', '89774b7874547e2a0f121964af4597f19273d1b1f8007f72429663071f90773b'],
    ['nsecpcap', '11b2ac5785eadf992c29151d45660b5b980fbade0ac0267525e4b0528d63c357'],
    ['pcap', 'd48139dc05135f74ca5330eba6fa1c90a99c606bee933cbd106f7f79fee424bd'],
  ] as const)('to %s is written here as it writes it', (format, digest) => {
    const records = Array.from({ length: 40 }, (_, number) => {
      const data = Uint8Array.from({ length: 30 + number }, (_byte, at) => (at * 7 + number) & 255);
      return emitPcapRecord(data, 1_700_000_000 + number * 1.000_001);
    });
    const bytes = converted(joined(emitPcapFileHeader(1), ...records), format);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
  });

  test.each(formats)('to %s tells the same', async (format) => {
    const [other, plain] = [await read(converted(original, format)), await read(original)];
    expect(plain.payloads).toHaveLength(50);
    expect(other.payloads).toEqual(plain.payloads);
    expect(other.times).toEqual(plain.times);
  });
});
