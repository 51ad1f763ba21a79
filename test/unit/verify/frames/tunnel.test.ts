import { expect, test } from '@jest/globals';
import { packetsIn } from '../../../../src/wire/capture/capture-file';
import {
  emitPcapngFrame,
  emitPcapngInterface,
  emitPcapngSection,
} from '../../../../src/wire/capture/emit-pcapng';
import { insideTunnels } from '../../../../lab/verify/frames/tunnel';

const ETHERNET = 1;
const inner = Buffer.from('0200000000020200000000010800' + '45'.padEnd(40, '0'), 'hex');

/** As docker's overlays send it, from any port to 4789. */
function carried(network: number, { ipv6 = false, options = 0, port = 4789 } = {}): Buffer {
  const vxlan = Buffer.alloc(8);
  vxlan[0] = 0x08;
  vxlan.writeUInt32BE(network * 256, 4);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(51_234, 0);
  udp.writeUInt16BE(port, 2);
  const ip = ipv6 ? Buffer.alloc(40) : Buffer.alloc(20 + options);
  ip[0] = ipv6 ? 0x60 : 0x40 | (5 + options / 4);
  ip[ipv6 ? 6 : 9] = 17;
  const ethernet = Buffer.from(`020000000012020000000011${ipv6 ? '86dd' : '0800'}`, 'hex');
  return Buffer.concat([ethernet, ip, udp, vxlan, inner]);
}

function captureOf(frames: readonly Uint8Array[], cut = Infinity): Uint8Array {
  const written = frames.map((bytes, index) =>
    emitPcapngFrame({
      interface: 0,
      timestamp: 100 + index,
      bytes: bytes.subarray(0, cut),
      originalLength: bytes.length,
    }),
  );
  return Buffer.concat([
    emitPcapngSection(),
    emitPcapngInterface({ name: 'eth0', linkType: ETHERNET }),
    ...written,
  ]);
}

const within = (capture: Uint8Array, network = 4097) => {
  const read = insideTunnels(capture, network);
  return [...packetsIn(read)].map(({ timestamp, offset, capturedLength, originalLength }) => ({
    timestamp,
    bytes: Buffer.from(read.subarray(offset, offset + capturedLength)),
    originalLength,
  }));
};

test.each([
  ['IPv4', {}],
  ['IPv4 with options', { options: 8 }],
  ['IPv6', { ipv6: true }],
])('a frame in a tunnel over %s comes out as it went in', (_name, how) => {
  expect(within(captureOf([carried(4097, how)]))).toEqual([
    { timestamp: 100, bytes: inner, originalLength: inner.length },
  ]);
});

test("what is no tunnel, or another network's, is left out", () => {
  const frames = [carried(4098), carried(4097, { port: 53 }), inner, carried(4097)];
  expect(within(captureOf(frames)).map(({ timestamp }) => timestamp)).toEqual([103]);
});

test('a frame that was cut off stays so long as it was on the wire', () => {
  const [frame] = within(captureOf([carried(4097)], 66));
  expect(frame!.bytes).toEqual(inner.subarray(0, 16));
  expect(frame!.originalLength).toBe(inner.length);
  for (let cut = 0; cut <= 49; cut += 1) expect(within(captureOf([carried(4097)], cut))).toEqual([]);
});
