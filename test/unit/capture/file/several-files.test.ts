import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { CaptureFiles } from '../../../../src/capture/file/capture-files';
import { filesMatching } from '../../../../src/capture/file/glob';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { describedInterface, enhancedPacket, joined, section } from '../files';
import { packet } from '../packets';
import { frame } from '../tunnels';
import { everywhere, readFiles } from './reading';

let directory = '';
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'several-'))));
afterAll(() => rm(directory, { recursive: true }));

const request = (text: string): Uint8Array => frame(packet({ payload: text }));

/** A capture with these requests, a second apart. */
const capture = (from_s: number, ...texts: readonly string[]): Uint8Array =>
  joined(emitPcapFileHeader(1), ...texts.map((text, at) => emitPcapRecord(request(text), from_s + at)));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

describe('several files', () => {
  test('are read in the order of their first packets, whatever their format', async () => {
    const order = { littleEndian: false };
    const paths = [
      await file('c.pcap', capture(300, 'e')),
      await file(
        'a.pcapng',
        joined(
          section(order),
          describedInterface(1, order),
          enhancedPacket(request('a'), 1e8, order),
          enhancedPacket(request('b'), 1.01e8, order),
        ),
      ),
      await file('b.pcap.gz', zlib.gzipSync(capture(200, 'c', 'd'))),
    ];
    const { payloads, counters, overlapping, shares } = await readFiles(paths);
    expect(payloads).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(counters).toMatchObject({ packets: 5, segments: 5 });
    expect(overlapping).toEqual([]);
    expect(shares.every((share, at) => at === 0 || share! >= shares[at - 1]!)).toBe(true);
    expect(shares.at(-1)).toBe(1);
  });

  test('with the same first packet stay in the order that they were named in', async () => {
    const paths = [await file('z.pcap', capture(5, 'z')), await file('y.pcap', capture(5, 'y'))];
    expect((await readFiles(paths)).payloads).toEqual(['z', 'y']);
  });

  test('go on with a packet whose fragments are in two of them', async () => {
    const whole = packet({ payload: 'GET /fragmented' });
    const pieces = [whole.slice(0, 44), joined(whole.subarray(0, 20), whole.subarray(44))];
    pieces.forEach((bytes, at) => {
      const view = new DataView(bytes.buffer);
      view.setUint16(2, bytes.length);
      view.setUint16(6, at === 0 ? 0x2000 : 3);
    });
    const paths = await Promise.all(
      pieces.map((bytes, at) =>
        file(`f${at}.pcap`, joined(emitPcapFileHeader(1), emitPcapRecord(frame(bytes), 10 + at))),
      ),
    );
    expect((await readFiles(paths)).payloads).toEqual(['GET /fragmented']);
  });

  test('are told when they were captured at the same time, for they are played one behind the other', async () => {
    const paths = [
      await file('eth0.pcap', capture(10, 'a', 'b', 'c', 'd')),
      await file('eth1.pcap', capture(11, 'e')),
    ];
    const { payloads, overlapping } = await readFiles(paths);
    expect(payloads).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(overlapping).toEqual([paths[1]]);
  });

  test('tell in which of them damage is, and one that is empty harms nobody', async () => {
    const whole = capture(10, 'a', 'b');
    const paths = [
      await file('cut1.pcap', whole.subarray(0, whole.length - 3)),
      await file('empty.pcap', emitPcapFileHeader(1)),
      await file('cut2.pcap', capture(20, 'c', 'd').subarray(0, whole.length - 3)),
    ];
    const { payloads, damages, counters } = await readFiles(paths);
    expect(payloads).toEqual(['a', 'c']);
    const at = whole.length / 2 + 12;
    expect(damages).toEqual([
      { file: paths[0], reason: 'file-truncated', at },
      { file: paths[2], reason: 'file-truncated', at },
    ]);
    expect(counters).toMatchObject({ 'damaged_file-truncated': 2 });
  });

  test('are refused with the name of the one that is no capture', async () => {
    const paths = [await file('good.pcap', capture(1, 'a')), await file('bad.pcap', Buffer.from('text'))];
    await expect(CaptureFiles.open(paths, everywhere)).rejects.toThrow(`${paths[1]} is no capture file`);
  });
});

describe('a file that is compressed', () => {
  const texts = Array.from({ length: 3000 }, (_, at) => `request ${at}`);
  const whole = capture(100, ...texts);

  test('is known by its bytes, whatever its name, and read in pieces', async () => {
    const packed = zlib.gzipSync(whole);
    const { payloads, shares } = await readFiles([await file('plain.pcap', packed)]);
    expect(payloads).toEqual(texts);
    expect(shares.at(-1)).toBe(1);
  });

  test('may be made of several parts', async () => {
    const half = 24 + (whole.length - 24) / 2;
    const packed = Buffer.concat([
      zlib.gzipSync(whole.subarray(0, half)),
      zlib.gzipSync(whole.subarray(half)),
    ]);
    expect((await readFiles([await file('parts.gz', packed)])).payloads).toEqual(texts);
  });

  test('may be padded with zeros, also between its parts', async () => {
    const zeros = Buffer.alloc(100_000);
    const part = zlib.gzipSync(capture(1, 'a'));
    const records = zlib.gzipSync(capture(2, 'b').subarray(24));
    const path = await file('padded.gz', Buffer.concat([part, zeros, records, zeros]));
    expect(await readFiles([path])).toMatchObject({ payloads: ['a', 'b'], damages: [] });
  });

  test.each([
    ['cut off', (packed: Buffer) => packed.subarray(0, packed.length - 100), 'file-truncated'],
    [
      'damaged in the middle',
      (packed: Buffer) =>
        Buffer.concat([packed.subarray(0, 60_000), Buffer.alloc(400, 0xff), packed.subarray(60_400)]),
      'compression-damaged',
    ],
  ])('and %s is read up to there', async (_, spoil, reason) => {
    const noise = texts.map((text, at) => `${text} ${Math.sin(at)}`.padEnd(60));
    const packed = spoil(zlib.gzipSync(capture(100, ...noise)));
    const { payloads, damages } = await readFiles([await file('spoiled.gz', packed)]);
    expect(payloads.length).toBeGreaterThan(500);
    expect(payloads).toEqual(noise.slice(0, payloads.length));
    expect(damages.map((damage) => damage.reason)).toEqual([reason]);
  });

  test.each([
    [
      'damaged',
      (packed: Buffer) => Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)]),
      /unpack it: inc/,
    ],
    ['cut off', (packed: Buffer) => packed.subarray(0, 5), /unpack it: unexpected end/],
  ])('and %s before anything of it comes out is refused as that, not as empty', async (_, spoil, message) => {
    const path = await file('nothing.gz', spoil(zlib.gzipSync(capture(1, 'a'))));
    await expect(CaptureFiles.open([path], everywhere)).rejects.toThrow(message);
  });

  test.each([
    [
      'xz',
      [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
      /is compressed with xz, which is not read: unpack it .* xz -dc/,
    ],
    ['bzip2', [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41], /bzip2 -dc/],
    ['lz4', [0x04, 0x22, 0x4d, 0x18, 0x64, 0x40], /lz4 -dc/],
  ])('with %s is refused, with what unpacks it', async (_, magic, message) => {
    const path = await file('packed', Uint8Array.from([...magic, ...new Array<number>(50).fill(1)]));
    await expect(CaptureFiles.open([path], everywhere)).rejects.toThrow(message);
  });

  test('with zstd is read, also in several parts, or refused where the runtime has none', async () => {
    const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Uint8Array) => Buffer };
    // As pzstd writes them, before each part.
    const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4);
    const packed = zstdCompressSync
      ? [whole.subarray(0, 1000), whole.subarray(1000)].flatMap((part) => [skippable, zstdCompressSync(part)])
      : [skippable, Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0)];
    const reading = readFiles([await file('packed.zst', Buffer.concat(packed))]);
    if (zstdCompressSync) expect((await reading).payloads).toEqual(texts);
    else
      await expect(reading).rejects.toThrow(
        /compressed with zstd, which Node reads from 22.15 on.*zstd -dc .* \| tcpcopy -i -/,
      );
  });
});

describe('a pipe', () => {
  /** A FIFO that somebody writes these bytes into. */
  async function fed(name: string, bytes: Uint8Array): Promise<string> {
    const [path, from] = [join(directory, name), await file(`${name}.source`, bytes)];
    execFileSync('mkfifo', [path]);
    spawn('sh', ['-c', `cat ${from} > ${path}`], { stdio: 'ignore' });
    return path;
  }

  test('is read to its end, and its length is not known', async () => {
    const { payloads, shares } = await readFiles([await fed('fifo', capture(1, 'a', 'b'))]);
    expect(payloads).toEqual(['a', 'b']);
    expect(new Set(shares)).toEqual(new Set([undefined]));
  });

  test('may bring compressed bytes', async () => {
    const { payloads } = await readFiles([await fed('packed.fifo', zlib.gzipSync(capture(1, 'a', 'b')))]);
    expect(payloads).toEqual(['a', 'b']);
  });

  test('that brings something else, or nothing, is refused', async () => {
    const path = await fed('text', Buffer.from('no capture'));
    await expect(CaptureFiles.open([path], everywhere)).rejects.toThrow('is no capture file');
    const empty = await fed('nothing', Buffer.alloc(0));
    await expect(CaptureFiles.open([empty], everywhere)).rejects.toThrow('is empty');
  });

  test('is not one of several', async () => {
    const paths = [await file('one.pcap', capture(1, 'a')), await fed('two', capture(2, 'b'))];
    await expect(CaptureFiles.open(paths, everywhere)).rejects.toThrow('several are read only from files');
  });
});

describe('a pattern of file names', () => {
  beforeAll(async () => {
    for (const name of ['day', 'day/one', 'day/two']) await mkdir(join(directory, name));
    for (const name of ['one/a1.pcap', 'one/a2.pcap', 'one/b.pcap.gz', 'two/a1.pcap', '.a1.pcap', 'a+b.pcap'])
      await file(`day/${name}`, capture(1, 'a'));
  });

  test.each([
    ['one/*.pcap', ['one/a1.pcap', 'one/a2.pcap']],
    ['one/*', ['one/a1.pcap', 'one/a2.pcap', 'one/b.pcap.gz']],
    ['*/a1.pcap', ['one/a1.pcap', 'two/a1.pcap']],
    ['one/a?.pcap', ['one/a1.pcap', 'one/a2.pcap']],
    ['one/[!a]*', ['one/b.pcap.gz']],
    ['one/a[2-9].pcap', ['one/a2.pcap']],
    ['*', ['a+b.pcap']],
    ['a+?.pcap', ['a+b.pcap']],
    ['.a*', ['.a1.pcap']],
    ['nowhere/*', []],
    ['one/[9-1]', []],
    ['one/[', []],
  ])('%s fits those that it should', (pattern, names) => {
    const within = join(directory, 'day');
    expect(filesMatching(join(within, pattern))).toEqual(names.map((name) => join(within, name)));
  });
});
