import { describe, expect, test } from '@jest/globals';
import { delaysIn } from '../../../../bench/delay/delays-in';
import type { Scene } from '../../../../lab/verify/evidence/scene';
import { writeU16, writeU32 } from '../../../../src/wire/big-endian';
import { parseAddress } from '../../../../src/wire/address/address';
import { LINKTYPE } from '../../../../src/wire/encapsulation/link';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';

const scene: Scene = {
  flavour: 'ours',
  protocol: 'http',
  clients: [{ name: 'client', address: '198.18.10.10', addresses: ['198.18.10.10'] }],
  online: { name: 'online', address: '198.18.10.20', addresses: ['198.18.10.20'], port: 80 },
  test: { name: 'test', address: '198.18.10.30', addresses: ['198.18.10.30'], port: 8080 },
  assistants: [],
  passlist: [],
  ownCopies: [],
  broadcast: '198.18.10.255',
  network: 'lan',
  networks: [{ name: 'lan', broadcast: '198.18.10.255', marked: [], engines: [], hasIpv6: false }],
  routers: [],
};
const HEADERS_BYTES = 40;

interface Seen {
  readonly at_ms: number;
  readonly to: 'online' | 'test';
  readonly sequence: number;
  readonly length?: number;
}

/** A capture of segments of one client, as IPv4 packets whose payloads were cut off. */
function captureOf(...segments: readonly Seen[]): Uint8Array {
  const records = segments.map(({ at_ms, to, sequence, length = 100 }) => {
    const packet = new Uint8Array(HEADERS_BYTES);
    packet[0] = 0x45;
    writeU16(packet, 2, HEADERS_BYTES + length);
    packet[9] = 6;
    writeU32(packet, 12, parseAddress(scene.clients[0]!.address)!);
    writeU32(packet, 16, parseAddress(scene[to].address)!);
    writeU16(packet, 20, 40_000);
    writeU16(packet, 22, scene[to].port);
    writeU32(packet, 24, sequence);
    packet[32] = 0x50;
    packet[33] = 0x18;
    return emitPcapRecord(packet, 1 + at_ms / 1000);
  });
  return Buffer.concat([emitPcapFileHeader(LINKTYPE.ipv4), ...records]);
}

const rounded = (samples_ms: readonly number[]): number[] => samples_ms.map((ms) => Math.round(ms * 10) / 10);

describe('delays', () => {
  test('run from a segment to its copy', () => {
    const { samples_ms, uncopied } = delaysIn(
      captureOf(
        { at_ms: 10, to: 'online', sequence: 1 },
        { at_ms: 10.5, to: 'test', sequence: 1 },
        { at_ms: 20, to: 'online', sequence: 101 },
        { at_ms: 23, to: 'test', sequence: 101 },
      ),
      scene,
    );
    expect([rounded(samples_ms), uncopied]).toEqual([[0.5, 3], 0]);
  });

  test('are found where one copy carries several segments, across the end of the sequence numbers', () => {
    const { samples_ms } = delaysIn(
      captureOf(
        { at_ms: 1, to: 'online', sequence: 2 ** 32 - 50, length: 50 },
        { at_ms: 2, to: 'online', sequence: 0, length: 50 },
        { at_ms: 4, to: 'test', sequence: 2 ** 32 - 50, length: 100 },
      ),
      scene,
    );
    expect(rounded(samples_ms)).toEqual([3, 2]);
  });

  test('count from the first arrival, whatever is sent again', () => {
    const { samples_ms } = delaysIn(
      captureOf(
        { at_ms: 1, to: 'online', sequence: 1 },
        { at_ms: 3, to: 'online', sequence: 1 },
        { at_ms: 5, to: 'test', sequence: 1 },
        { at_ms: 9, to: 'test', sequence: 1 },
      ),
      scene,
    );
    expect(rounded(samples_ms)).toEqual([4]);
  });

  test('do not hide what was not copied', () => {
    const capture = captureOf(
      { at_ms: 1, to: 'online', sequence: 1 },
      { at_ms: 2, to: 'online', sequence: 101 },
      { at_ms: 3, to: 'test', sequence: 1 },
    );
    expect(delaysIn(capture, scene)).toMatchObject({ uncopied: 1 });
  });
});
