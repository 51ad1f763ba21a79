import { finishChecksum, sumBytes, sumWords, tcpChecksum, updateChecksum } from '../../../src/wire/checksum';
import { parseAddress } from '../../../src/wire/address/address';

describe('the Internet checksum', () => {
  test('agrees with the example of RFC 1071, section 3', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(finishChecksum(sumBytes(bytes, 0, bytes.length))).toBe(~0xddf2 & 0xffff);
  });

  test('pads an odd last byte with zero', () => {
    expect(sumBytes(Uint8Array.of(0x12, 0x34, 0x56), 0, 3)).toBe(0x1234 + 0x5600);
  });

  test('comes to the same by words of 32 bits, wherever they begin and however long they are', () => {
    const words = new Uint32Array(500);
    const bytes = new Uint8Array(words.buffer);
    for (const [offset, length] of [
      [0, 0],
      [0, 1],
      [4, 7],
      [20, 118],
      [40, 1460],
      [0, 1999],
    ] as const) {
      bytes.fill(0);
      for (let at = offset; at < offset + length; at += 1) bytes[at] = (at * 197 + 251) & 0xff;
      expect(finishChecksum(sumWords(words, offset, length))).toBe(
        finishChecksum(sumBytes(bytes, offset, length)),
      );
    }
    words.fill(0xffff_ffff);
    expect(finishChecksum(sumWords(words, 0, 2000))).toBe(finishChecksum(sumBytes(bytes, 0, 2000)));
  });

  test('leaves a residue of zero on a segment that carries it', () => {
    const segment = Buffer.from('9a4c0050000000010000000050020200', 'hex');
    const bytes = new Uint8Array(20);
    bytes.set(segment);
    const source = parseAddress('198.18.99.10')!;
    const destination = parseAddress('198.18.99.20')!;
    const checksum = tcpChecksum(bytes, 0, 20, source, destination);
    bytes[16] = checksum >>> 8;
    bytes[17] = checksum & 0xff;
    expect(tcpChecksum(bytes, 0, 20, source, destination)).toBe(0);
  });

  test('is updated for a changed word as if it had been computed anew (RFC 1624)', () => {
    const bytes = Uint8Array.of(0x12, 0x34, 0xab, 0xcd, 0x00, 0xff);
    const before = finishChecksum(sumBytes(bytes, 0, 6));
    const changed = Uint8Array.of(0x12, 0x34, 0x55, 0x55, 0x00, 0xff);
    expect(updateChecksum(before, 0xabcd, 0x5555)).toBe(finishChecksum(sumBytes(changed, 0, 6)));
  });
});
