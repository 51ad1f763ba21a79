import { describe, expect, test } from '@jest/globals';
import { candidates } from '../../../../bench/floor/candidates';
import { compileFloor } from '../../../../bench/floor/compile';
import { PAYLOADS_BYTES, type FloorResult } from '../../../../bench/floor/floor';
import { ETHERNET_HEADER_BYTES, frameLength_bytes, readyMadeFrames } from '../../../../bench/floor/frames';
import { floorPicture } from '../../../../bench/floor/picture';
import { isMet, rowsOf } from '../../../../bench/floor/summary';
import { floorText } from '../../../../bench/floor/text';
import { finishChecksum, sumBytes, tcpChecksum } from '../../../../src/wire/checksum';
import { IPV4_HEADER_MIN_BYTES } from '../../../../src/wire/ip/ipv4';
import { emptySegmentView, viewSegment } from '../../../../src/wire/segment';

interface Told {
  /** By round; all others take 4 µs. */
  readonly floor_us?: readonly number[];
  readonly own_us?: readonly number[];
  readonly arrived?: number;
}

const result = ({ floor_us = [2, 2, 2], own_us = [3, 3, 3], arrived = 1 }: Told): FloorResult => ({
  rounds: 3,
  packets: 1_000,
  samples: PAYLOADS_BYTES.flatMap((payload_bytes) =>
    candidates.flatMap(({ id }) =>
      [0, 1, 2].map((round) => ({
        payload_bytes,
        candidate: id,
        round,
        cpu_us: id === 'c-link' ? floor_us[round]! : id === 'ring' ? own_us[round]! : 4,
        arrived: id === 'engine' ? undefined : id === 'ring' ? arrived : 1,
      })),
    ),
  ),
});

const own = (told: Told) => rowsOf(result(told)).find(({ candidate }) => candidate === 'ring')!;

describe('the floor', () => {
  test('is compared with in the same round, for a machine’s pace changes', () => {
    expect(own({ floor_us: [1, 2, 10], own_us: [1.5, 3, 40] })).toMatchObject({ cpu_us: 3, ratio: 1.5 });
  });

  test('is told with how far the rounds were apart', () => {
    expect(own({ own_us: [3, 6, 4] }).spread).toBe(0.75);
  });

  test('is kept up to twice its cost', () => {
    expect(isMet(rowsOf(result({ own_us: [4, 4, 4] })))).toBe(true);
    expect(isMet(rowsOf(result({ own_us: [4.1, 4.1, 4.1] })))).toBe(false);
  });

  test('is not kept by what does not arrive', () => {
    expect(isMet(rowsOf(result({ arrived: 0.98 })))).toBe(false);
    expect(floorText(result({ arrived: 0.98 }))).toContain('NOT MET');
  });

  test('stands in a table, and in a picture with a bar for each sender', () => {
    const text = floorText(result({}));
    expect(text).toMatch(/^ +100 +ours, ring, 64 at a time +3\.000 +1\.50 +0 +100\.00$/m);
    expect(text).toMatch(/engine alone, nothing sent +4\.000 +2\.00 +0 +–$/m);
    expect(text).toContain('1.50 and 1.50 (at most 2)');
    const widths = [...floorPicture(result({})).matchAll(/width="([\d.]+)" height="14"/g)];
    expect(widths).toHaveLength(candidates.length * PAYLOADS_BYTES.length);
    expect(Number(widths[2]![1]) / Number(widths[0]![1])).toBeCloseTo(1.5, 2);
  });
});

test.each(PAYLOADS_BYTES)('ready-made frames are whole, with payloads of %i bytes', (payload_bytes) => {
  const link = (last: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, last);
  const ends = { clientAddress: 0xc6120a0a, testAddress: 0xc6120a1e, testPort: 8080 };
  const frames = readyMadeFrames({ ...ends, sourceLink: link(1), destinationLink: link(2) }, payload_bytes);
  const frame_bytes = frameLength_bytes(payload_bytes);
  expect(frames.length).toBe(64 * frame_bytes);
  const flows = new Set<string>();
  for (let at = 0; at < frames.length; at += frame_bytes) {
    expect([...frames.subarray(at, at + ETHERNET_HEADER_BYTES)]).toEqual([...link(2), ...link(1), 8, 0]);
    const packet = frames.subarray(at + ETHERNET_HEADER_BYTES, at + frame_bytes);
    const view = emptySegmentView();
    expect(viewSegment(view, packet, 0, packet.length, 'whole')).toBeUndefined();
    expect(view).toMatchObject({ destination: ends.testAddress, payloadLength: payload_bytes });
    flows.add(`${view.source}:${view.sourcePort}`);
    // A sum over a right checksum is zero.
    const tcp = IPV4_HEADER_MIN_BYTES;
    expect(finishChecksum(sumBytes(packet, 0, tcp))).toBe(0);
    expect(tcpChecksum(packet, tcp, packet.length - tcp, ends.clientAddress, ends.testAddress)).toBe(0);
  }
  expect(flows.size).toBe(64);
});

test('a machine without a compiler is told what to install', async () => {
  await expect(compileFloor('no-such-compiler')).rejects.toMatchObject({
    code: 'NO_COMPILER',
    message: expect.stringContaining('no-such-compiler was not found'),
    mend: expect.stringContaining('apt-get install gcc'),
  });
});
