import { NO_DOUBT } from '../../../../lab/verify/evidence/doubt';
import {
  replayLedger,
  type ReplayLedger,
  type ReplayTold,
} from '../../../../lab/verify/ledger/replay-ledger';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { ACK, PSH, SYN } from '../../../../src/wire/tcp';
import { joined } from '../../capture/files';
import { ethernet, ONLINE, packet, type PacketOptions } from '../../capture/packets';
import { frame, gre, vxlan } from '../../capture/tunnels';

const TEST = ONLINE + 10;
const test8080 = { destination: TEST, destinationPort: 8080 };

const request = (path: string): string => `GET /${path} HTTP/1.1\r\nHost: online\r\n\r\n`;

/** A connection that says these requests, from its SYN on. */
function connection(
  sourcePort: number,
  paths: readonly string[],
  to: PacketOptions = {},
  initialSequence = 1000,
): Uint8Array[] {
  let sequence = initialSequence;
  const packets = [packet({ ...to, sourcePort, sequence, flags: SYN })];
  sequence += 1;
  for (const path of paths) {
    packets.push(packet({ ...to, sourcePort, sequence, flags: ACK | PSH, payload: request(path) }));
    sequence += request(path).length;
  }
  return packets.map(ethernet);
}

const capture = (...connections: readonly (readonly Uint8Array[])[]): Uint8Array =>
  joined(emitPcapFileHeader(1), ...connections.flat().map((frame, index) => emitPcapRecord(frame, index)));

const ledger = (
  file: Uint8Array,
  atTest: Uint8Array,
  times = 1,
  told: Partial<ReplayTold> = {},
): ReplayLedger =>
  replayLedger(file, 80, atTest, [{ address: TEST, port: 8080 }], {
    protocol: 'http',
    times,
    doubt: NO_DOUBT,
    saidAgain: 0,
    ...told,
  });

const file = capture(connection(1, ['a', 'b']), connection(2, ['c']));
const arrived = (...connections: readonly (readonly [number, readonly string[]])[]): Uint8Array =>
  capture(...connections.map(([port, paths]) => connection(port, paths, test8080)));

const exact = { missing: 0, doubtful: 0, unexpected: 0, reordered: 0, examples: [] };

describe('the ledger of a replay', () => {
  test('is exact when everything arrived once', () => {
    expect(ledger(file, arrived([1, ['a', 'b']], [2, ['c']]))).toEqual({
      ...exact,
      connections: 2,
      requests: 3,
      delivered: 3,
    });
  });

  test('reads what clients said in tunnels, and whatever was captured inside of them and outside', () => {
    const tunnelled = connection(1, ['a', 'b']).map((one) => frame(vxlan(one)));
    const twice = connection(2, ['c']).flatMap((one) => [one, frame(gre(one.subarray(14)))]);
    expect(ledger(capture(tunnelled, twice), arrived([1, ['a', 'b']], [2, ['c']]))).toEqual({
      ...exact,
      connections: 2,
      requests: 3,
      delivered: 3,
    });
  });

  test('expects everything as often as the file was played', () => {
    const once = connection(1, ['a'], test8080);
    const again = connection(1, ['a'], test8080);
    // The next round's sequence numbers are others.
    for (const one of again) one[14 + 20 + 4]! += 16;
    expect(ledger(capture(connection(1, ['a'])), capture(once, again), 2)).toMatchObject({
      ...exact,
      requests: 2,
      delivered: 2,
    });
    expect(ledger(capture(connection(1, ['a'])), capture(once), 2)).toMatchObject({ missing: 1 });
  });

  test.each<[string, Uint8Array, Partial<ReplayLedger>]>([
    ['missing', arrived([1, ['a']], [2, ['c']]), { missing: 1, unexpected: 0 }],
    ['doubled', arrived([1, ['a', 'b', 'b']], [2, ['c']]), { missing: 0, unexpected: 1 }],
    ['altered', arrived([1, ['a', 'x']], [2, ['c']]), { missing: 1, unexpected: 1 }],
    ["in another client's connection", arrived([1, ['a']], [2, ['c', 'b']]), { missing: 1, unexpected: 1 }],
    ['out of order', arrived([1, ['b', 'a']], [2, ['c']]), { missing: 0, unexpected: 0, reordered: 1 }],
  ])('sees a request that is %s', (_, atTest, found) => {
    const seen = ledger(file, atTest);
    expect(seen).toMatchObject(found);
    if (!found.reordered) expect(seen.examples[0]).toContain('198.18.10.10:1 GET /');
  });

  describe('whose test server ends connections', () => {
    const parts = (...paths: readonly (readonly string[])[]): Uint8Array =>
      capture(...paths.map((part, index) => connection(1, part, test8080, 1000 + 5000 * index)));
    const long = capture(connection(1, ['a', 'b', 'c']));
    const lengthOf = (...paths: readonly string[]): number => paths.map(request).join('').length;

    test('finds one connection of the file in several, in its order', () => {
      expect(ledger(long, parts(['a'], ['b'], ['c']))).toMatchObject({ ...exact, delivered: 3 });
      expect(ledger(long, parts(['b'], ['a', 'c']))).toMatchObject({ missing: 0, reordered: 1 });
      expect(ledger(long, parts(['a', 'b'], ['c'], ['a'], ['b', 'c']), 2)).toMatchObject(exact);
    });

    test('counts a request once that was refused and said again', () => {
      const refused = parts(['a', 'b'], ['b', 'c']);
      expect(ledger(long, refused)).toMatchObject({ unexpected: 1 });
      expect(ledger(long, refused, 1, { saidAgain: 1 })).toMatchObject({ ...exact, delivered: 3 });
      expect(ledger(long, parts(['a', 'b'], ['a', 'c']), 1, { saidAgain: 9 })).toMatchObject({
        unexpected: 1,
      });
    });

    test('tells what is in doubt from what is missing', () => {
      const words = [
        { client: '198.18.10.10:1', count: 1, sequence: 1001 + lengthOf('a'), bytes: lengthOf('b') },
      ];
      const atTest = parts(['a'], ['c']);
      expect(ledger(long, atTest, 1, { doubt: { words, told: 1 } })).toMatchObject({
        ...exact,
        doubtful: 1,
        delivered: 2,
      });
      expect(ledger(long, parts(['c']), 1, { doubt: { words, told: 1 } })).toMatchObject({
        missing: 1,
        doubtful: 1,
        examples: ['198.18.10.10:1 GET /a HTTP/1.1 (missing)'],
      });
    });

    test('goes by the count where the log does not name all that is in doubt', () => {
      const told = (count: number) => ({ doubt: { words: [], told: count } });
      expect(ledger(long, parts(['c']), 1, told(2))).toMatchObject({ ...exact, doubtful: 2 });
      expect(ledger(long, parts(['c']), 1, told(1))).toMatchObject({ missing: 2, doubtful: 0 });
    });
  });

  test('expects what is whole of a file that is cut off', () => {
    const cut = file.subarray(0, file.length - 10);
    expect(ledger(cut, arrived([1, ['a', 'b']], [2, []]))).toMatchObject({ ...exact, requests: 2 });
  });

  test('leaves out connections that the file does not hold from their beginning', () => {
    const joinedLater = connection(3, ['d']).slice(1);
    const atTest = arrived([1, ['a']], [3, ['d']]);
    expect(ledger(capture(connection(1, ['a']), joinedLater), atTest)).toMatchObject({
      ...exact,
      connections: 1,
      delivered: 1,
    });
  });
});
