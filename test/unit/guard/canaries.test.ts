import { Canaries, provokingCanary, responseCanary } from '../../../src/guard/canaries';
import { tcpChecksum } from '../../../src/wire/checksum';
import { ipv4Ttl } from '../../../src/wire/ip/ipv4';
import { emptySegmentView, viewSegment } from '../../../src/wire/segment';
import { ACK, RST } from '../../../src/wire/tcp';

const COPIED = { address: 0xc612_0a1e, port: 8080 };
const NOBODY = 0xc000_0201;
const PATIENCE_MS = 50;

function counting(): () => number {
  let number = 0;
  return () => (number += 1);
}

function viewOf(packet: Uint8Array) {
  const view = emptySegmentView();
  expect(viewSegment(view, packet, 0, packet.length, 'whole')).toBeUndefined();
  expect(tcpChecksum(packet, 20, packet.length - 20, view.source, view.destination)).toBe(0);
  return view;
}

describe('a canary', () => {
  test('of the test server is a reset from the copied endpoint that goes no further than one hop', () => {
    const packet = responseCanary(COPIED, { address: NOBODY, port: 9 }, 77);
    expect(viewOf(packet)).toMatchObject({
      source: COPIED.address,
      sourcePort: 8080,
      destination: NOBODY,
      sequence: 77,
      flags: RST | ACK,
      payloadLength: 0,
    });
    expect(ipv4Ttl(packet, 0)).toBe(1);
  });

  test('of an assistant acknowledges the number that the answer will begin with', () => {
    expect(viewOf(provokingCanary(COPIED, { address: NOBODY, port: 9 }, 77))).toMatchObject({
      source: NOBODY,
      destination: COPIED.address,
      destinationPort: 8080,
      acknowledgment: 77,
      flags: ACK,
    });
  });
});

describe('canaries', () => {
  test('that must be caught at once prove nothing a moment later', () => {
    const canaries = new Canaries(0, counting());
    const nonce = canaries.launch(COPIED, 10);
    expect(canaries.isProven(COPIED, 10)).toBe(false);
    expect(canaries.caught(COPIED.address, COPIED.port, nonce)).toBe(true);
    expect(canaries.isProven(COPIED, 10)).toBe(true);
    expect(canaries.isProven(COPIED, 11)).toBe(false);
  });

  test('prove the endpoint that they were sent from, and no other', () => {
    const canaries = new Canaries(PATIENCE_MS, counting());
    const nonce = canaries.launch(COPIED, 0);
    const other = { ...COPIED, port: 8081 };
    canaries.launch(other, 0);
    expect(canaries.caught(other.address, other.port, nonce)).toBe(false);
    canaries.caught(COPIED.address, COPIED.port, nonce);
    expect(canaries.isProven(COPIED, PATIENCE_MS)).toBe(true);
    expect(canaries.isProven(COPIED, PATIENCE_MS + 1)).toBe(false);
    expect(canaries.isProven(other, 1)).toBe(false);
  });

  test('cannot be guessed, and count once', () => {
    const canaries = new Canaries(PATIENCE_MS, () => 0x1234_5678);
    const nonce = canaries.launch(COPIED, 0);
    expect(canaries.caught(COPIED.address, COPIED.port, 1)).toBe(false);
    expect(canaries.caught(COPIED.address, COPIED.port, nonce)).toBe(true);
    expect(canaries.caught(COPIED.address, COPIED.port, nonce)).toBe(false);
  });

  test('that come too late are missed', () => {
    const canaries = new Canaries(PATIENCE_MS, counting());
    const nonce = canaries.launch(COPIED, 0);
    expect(canaries.isRested(COPIED, PATIENCE_MS + 1)).toBe(true);
    canaries.launch(COPIED, PATIENCE_MS + 1);
    expect(canaries.isRested(COPIED, PATIENCE_MS + 2)).toBe(false);
    expect(canaries.caught(COPIED.address, COPIED.port, nonce)).toBe(false);
    expect(canaries.counters).toEqual({ canaries_sent: 2, canaries_caught: 0, canaries_missed: 1 });
  });
});
