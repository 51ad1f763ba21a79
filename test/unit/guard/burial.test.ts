import { Burial } from '../../../src/guard/burial';
import type { Reply, Route } from '../../../src/wire/reply';
import { emptySegmentView, viewSegment } from '../../../src/wire/segment';
import { ACK, RST, SYN } from '../../../src/wire/tcp';

const route: Route = { clientAddress: 1, clientPort: 2, serverAddress: 3, serverPort: 8080 };
const reply = (fields: Partial<Reply>): Reply => ({
  ...route,
  sequence: 0,
  acknowledgment: 0,
  flags: ACK,
  window: 0,
  payloadLength: 0,
  maximumSegmentSize: undefined,
  windowScale: undefined,
  ...fields,
});
const always = (): boolean => true;

function burying() {
  const said: [number, number][] = [];
  const copied = new Set<number>();
  const view = emptySegmentView();
  const burial = new Burial({
    send: (packet, destination) => {
      expect(viewSegment(view, packet, 0, packet.length, 'whole')).toBeUndefined();
      expect([view.source, view.destination, destination]).toEqual([1, 3, 3]);
      said.push([view.flags, view.sequence]);
    },
    isCopied: ({ clientPort }) => copied.has(clientPort),
    random: () => 42,
  });
  return { burial, said, copied };
}

describe('an orphan', () => {
  test('is reset with what the test server expects, and asked whether it is gone', () => {
    const { burial, said } = burying();
    burial.bury(route, 1000);
    burial.tick(0, always);
    expect(said).toEqual([
      [RST, 1000],
      [ACK, 999],
    ]);
    expect(burial.replied(reply({ flags: RST }), 1)).toBe(true);
    expect(burial.size).toBe(0);
    expect(burial.counters.orphans_buried).toBe(1);
  });

  test('that was never heard is asked first, and reset with its answer', () => {
    const { burial, said } = burying();
    burial.bury(route, undefined);
    burial.tick(0, always);
    expect(said).toEqual([[ACK, 42]]);
    burial.replied(reply({ flags: SYN | ACK, acknowledgment: 5000 }), 1);
    expect(said.slice(1)).toEqual([
      [RST, 5000],
      [ACK, 4999],
    ]);
  });

  test('is asked again when nobody answers, and given up in the end', () => {
    const { burial, said } = burying();
    burial.bury(route, 1000);
    for (let now_ms = 0; now_ms < 20_000; now_ms += 30) burial.tick(now_ms, always);
    expect(said).toHaveLength(32);
    expect(burial.size).toBe(0);
    expect(burial.counters).toEqual({ orphans_buried: 0, orphans_unanswered: 1 });
  });

  test('is left alone while its answer could not be caught', () => {
    const { burial, said } = burying();
    burial.bury(route, 1000);
    burial.tick(0, () => false);
    expect(said).toEqual([]);
    burial.tick(30, always);
    expect(said).toHaveLength(2);
  });

  test('that somebody copies after all is none', () => {
    const { burial, said, copied } = burying();
    burial.bury(route, 1000);
    copied.add(2);
    expect(burial.replied(reply({}), 0)).toBe(false);
    burial.tick(0, always);
    expect(said).toEqual([]);
    expect(burial.size).toBe(0);
  });

  test('is not asked by every answer, so that no two machines talk for ever', () => {
    const { burial, said } = burying();
    burial.bury(route, 1000);
    burial.tick(0, always);
    for (let turn = 0; turn < 100; turn += 1) burial.replied(reply({ acknowledgment: 7 }), 1);
    expect(said.length).toBeLessThanOrEqual(32);
  });
});
