import { judgeResponses } from '../../../src/intercept/replies/judge-responses';
import { Passlist } from '../../../src/passlist/passlist';
import type { Reply } from '../../../src/wire/reply';
import { bareSegment } from '../../../src/guard/bare-segment';
import { ACK } from '../../../src/wire/tcp';

const TEST = 0xc612_0a1e;
const ONLINE = 0xc612_0a14;
const MONITOR = 0xc612_0a28;
const CLIENT = 0xc612_0a0a;
const RANGE = { first: 61_000, last: 65_535 };

function judging(passlist: Passlist) {
  const told: Reply[] = [];
  const judge = judgeResponses(
    passlist,
    () => false,
    { replied: (reply) => told.push({ ...reply }) < 0 },
    {},
  );
  return { told, verdictOn: (packet: Uint8Array) => judge(packet, 0, packet.length, 12.5) };
}

const response = (address: number, port: number): Uint8Array =>
  bareSegment({
    from: { address: TEST, port: 8080 },
    to: { address, port },
    sequence: 1,
    acknowledgment: 2,
    flags: ACK,
    ttl: 64,
  });

/** Piece of a datagram, at so many bytes of its payload. */
function fragment(packet: Uint8Array, offset: number): Uint8Array {
  const piece = packet.slice();
  new DataView(piece.buffer).setUint16(6, (offset === 0 ? 0x2000 : 0) | (offset / 8));
  return piece;
}

const own = new Passlist([ONLINE, MONITOR], [{ address: ONLINE, ports: RANGE }]);

test('what goes to the ports of own copies is dropped and told, and all else of the passlist is let through', () => {
  const { told, verdictOn } = judging(own);
  const verdicts = [
    [ONLINE, 60_999],
    [ONLINE, 61_000],
    [ONLINE, 65_535],
    [MONITOR, 61_000],
    [CLIENT, 40_000],
  ].map(([address, port]) => verdictOn(response(address!, port!)));
  expect(verdicts).toEqual(['accept', 'drop', 'drop', 'accept', 'drop']);
  expect(told.map(({ clientAddress, clientPort }) => [clientAddress, clientPort])).toEqual([
    [ONLINE, 61_000],
    [ONLINE, 65_535],
    [CLIENT, 40_000],
  ]);
});

test('without own copies the same range is let through, to a kernel that resets what it did not open', () => {
  const { told, verdictOn } = judging(new Passlist([ONLINE]));
  expect(verdictOn(response(ONLINE, 61_000))).toBe('accept');
  expect(told).toEqual([]);
});

test('of a fragmented response the first piece decides, which has the ports', () => {
  const { verdictOn } = judging(own);
  const packet = response(ONLINE, 61_000);
  expect(verdictOn(fragment(packet, 0))).toBe('drop');
  expect(verdictOn(fragment(packet, 8))).toBe('accept');
  expect(verdictOn(fragment(response(ONLINE, 80), 0))).toBe('accept');
  expect(verdictOn(fragment(response(CLIENT, 80), 8))).toBe('drop');
});

test('a piece that is too short for its ports is dropped', () => {
  const { verdictOn } = judging(own);
  const short = response(ONLINE, 80).slice(0, 22);
  expect(verdictOn(short)).toBe('drop');
});
