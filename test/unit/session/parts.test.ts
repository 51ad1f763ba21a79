import { ClientStream } from '../../../src/session/stream/client-stream';
import * as congestion from '../../../src/session/sending/congestion';
import { Deadlines, SLEEPER, type Sleeper } from '../../../src/session/tables/deadlines';
import { withNumbers } from '../../../src/session/tables/number-fields';
import { toOffset, toSequence } from '../../../src/session/stream/offsets';
import { Outbox, type Piece } from '../../../src/session/stream/outbox';
import { NONE_EARLY, received, type ResponseStream } from '../../../src/session/receiving/response-stream';
import * as roundTrip from '../../../src/session/sending/rtt';
import { nextState, TRANSITIONS } from '../../../src/session/connection/states';

describe('the round-trip estimator (RFC 6298)', () => {
  test('begins at one second and follows the samples', () => {
    const estimate = { ...roundTrip.ROUND_TRIP };
    expect(estimate.retransmitAfter_ms).toBe(1000);
    roundTrip.sample(estimate, 400);
    expect(estimate.retransmitAfter_ms).toBe(400 + 4 * 200);
    roundTrip.sample(estimate, 400);
    expect(estimate.retransmitAfter_ms).toBe(400 + 4 * 150);
  });

  test('doubles while nothing is acknowledged, and recovers', () => {
    const estimate = { ...roundTrip.ROUND_TRIP };
    roundTrip.sample(estimate, 100);
    roundTrip.backOff(estimate);
    roundTrip.backOff(estimate);
    expect(estimate.retransmitAfter_ms).toBe(1200);
    roundTrip.recover(estimate);
    expect(estimate.retransmitAfter_ms).toBe(300);
  });

  test('never goes below its floor nor above its ceiling', () => {
    const estimate = { ...roundTrip.ROUND_TRIP };
    roundTrip.sample(estimate, 0.1);
    expect(estimate.retransmitAfter_ms).toBe(100);
    for (let count = 0; count < 20; count += 1) roundTrip.backOff(estimate);
    expect(estimate.retransmitAfter_ms).toBe(60_000);
  });
});

describe('the congestion window', () => {
  function opened(segment_bytes: number): congestion.Congestion {
    const window = { ...congestion.CONGESTION };
    congestion.begin(window, segment_bytes);
    return window;
  }

  test('doubles in slow start and retransmits on the third duplicate', () => {
    const window = opened(1000);
    expect(window.congestionWindow_bytes).toBe(10_000);
    congestion.acknowledged(window, 2001, 2000);
    expect(window.congestionWindow_bytes).toBe(12_000);
    expect(congestion.duplicate(window, 20_001, 18_000)).toBe('none');
    expect(congestion.duplicate(window, 20_001, 18_000)).toBe('none');
    expect(congestion.duplicate(window, 20_001, 18_000)).toBe('retransmit-first');
    expect(window.congestionWindow_bytes).toBe(9000 + 3000);
  });

  test('sends the next hole on a partial acknowledgment and ends recovery on a full one (RFC 6582)', () => {
    const window = opened(1000);
    for (let count = 0; count < 3; count += 1) congestion.duplicate(window, 20_001, 18_000);
    expect(congestion.acknowledged(window, 10_001, 8000)).toBe('retransmit-first');
    expect(congestion.acknowledged(window, 20_001, 10_000)).toBe('none');
    expect(window.congestionWindow_bytes).toBe(9000);
  });

  test('falls to one segment on a time-out', () => {
    const window = opened(1000);
    congestion.timedOut(window, 8000);
    expect(window.congestionWindow_bytes).toBe(1000);
  });
});

describe('the response stream', () => {
  test('moves over ranges that came early once the hole is filled', () => {
    const stream: ResponseStream = { responseNext: 1, earlyResponses: NONE_EARLY };
    expect(received(stream, 11, 21)).toBe(false);
    expect(received(stream, 31, 41)).toBe(false);
    expect(received(stream, 1, 11)).toBe(true);
    expect(stream.responseNext).toBe(21);
    expect(received(stream, 15, 31)).toBe(true);
    expect(stream.responseNext).toBe(41);
    expect(received(stream, 5, 41)).toBe(false);
  });
});

const bytesOf = ({ store, from, length }: Piece): Uint8Array => store.subarray(from, from + length);

describe('the client stream', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);
  const said = (outbox: Outbox): number[] => {
    const all: number[] = [];
    for (let at = 1; at < outbox.end;) {
      const piece = outbox.pieceAt(at)!;
      all.push(...bytesOf(piece).subarray(at - piece.offset));
      at = piece.offset + piece.length;
    }
    return all;
  };
  function stream(): {
    outbox: Outbox;
    arrive: (from: number, to: number, now?: number) => string;
    client: ClientStream;
  } {
    const outbox = new Outbox();
    const client = new ClientStream(outbox, { countCaptured: () => undefined });
    const arrive = (from: number, to: number, now_ms = 0): string =>
      client.arrive(bytes, from, to - from, from + 1, false, 1, now_ms);
    return { outbox, arrive, client };
  }

  test.each([
    ['a typed array', new Uint8Array(10).fill(7)],
    ['a Node Buffer, whose slices share its memory', Buffer.alloc(10, 7)],
  ])('keeps nothing of what was only borrowed: %s', (_, borrowed) => {
    const outbox = new Outbox();
    const client = new ClientStream(outbox, { countCaptured: () => undefined });
    client.arrive(borrowed, 2, 5, 1, false, 1, 0);
    borrowed.fill(9);
    expect([...bytesOf(outbox.pieceAt(1)!)]).toEqual([7, 7, 7, 7, 7]);
  });

  test('puts reordered, repeated and overlapping segments in order', () => {
    const { outbox, arrive } = stream();
    expect(arrive(20, 30)).toBe('kept');
    expect(arrive(0, 10)).toBe('kept');
    expect(arrive(0, 10)).toBe('repeated');
    expect(arrive(22, 28)).toBe('repeated');
    expect(arrive(5, 25)).toBe('kept');
    expect(said(outbox)).toEqual([...bytes.subarray(0, 30)]);
  });

  test('knows since when it waits for a hole, and when there is none', () => {
    const { arrive, client } = stream();
    arrive(10, 20, 5);
    arrive(30, 40, 7);
    expect(client.holeSince_ms).toBe(5);
    arrive(0, 10, 9);
    expect(client.holeSince_ms).toBe(9);
    arrive(20, 30, 10);
    expect(client.holeSince_ms).toBeUndefined();
  });

  test('copies what it keeps', () => {
    const { outbox, arrive } = stream();
    const before = bytes[0];
    arrive(0, 10);
    bytes[0] = 99;
    expect(said(outbox)[0]).toBe(before);
    bytes[0] = before!;
  });
});

describe('the outbox', () => {
  test('finds pieces by offset and forgets what was acknowledged', () => {
    const outbox = new Outbox();
    for (let index = 0; index < 200; index += 1) {
      const piece = {
        offset: 1 + index * 10,
        store: new Uint8Array(10),
        from: 0,
        length: 10,
        push: false,
        begins: false,
        clientAcknowledged: 1,
        at_ms: 0,
        said: 0,
      };
      outbox.append(piece);
    }
    expect(outbox.pieceAt(1505)?.offset).toBe(1501);
    outbox.release(1505);
    expect(outbox.pieceAt(1500)).toBeUndefined();
    expect(outbox.pieceAt(1505)?.offset).toBe(1501);
    expect(outbox.held_bytes).toBe(500);
    outbox.release(2001);
    expect(outbox.held_bytes).toBe(0);
    expect(outbox.pieceAt(2001)).toBeUndefined();
  });
});

describe('deadlines', () => {
  const sleeper = (name: string, deadline_ms: number): Sleeper & { name: string } => ({
    ...SLEEPER,
    name,
    deadline_ms,
  });

  test('wake sleepers in order, each at its newest deadline', () => {
    const deadlines = new Deadlines<ReturnType<typeof sleeper>>();
    const sleepers = [5, 3, 9, 1, 7].map((at) => sleeper(`at ${at}`, at));
    sleepers.forEach((one) => deadlines.schedule(one));
    sleepers[3]!.deadline_ms = 8; // later: found when its old time comes
    deadlines.schedule(sleepers[3]!);
    sleepers[2]!.deadline_ms = 2; // earlier: moved at once
    deadlines.schedule(sleepers[2]!);
    const woken: number[] = [];
    for (let now_ms = 0; now_ms < 12; now_ms += 1) {
      for (let one = deadlines.due(now_ms); one; one = deadlines.due(now_ms)) woken.push(one.deadline_ms);
    }
    expect(woken).toEqual([2, 3, 5, 7, 8]);
    expect(deadlines.next_ms()).toBe(Infinity);
  });

  test('that are far off wake at their time as well, and nothing is left of those that were taken out', () => {
    const deadlines = new Deadlines<ReturnType<typeof sleeper>>();
    const late = [700_500, 30_000, 700_200, 30_000].map((at) => sleeper(`at ${at}`, at));
    late.forEach((one) => deadlines.schedule(one));
    late[3]!.deadline_ms = 90_000; // later: found when its old time comes
    deadlines.schedule(late[3]!);
    late[0]!.deadline_ms = 20_000; // earlier: moved at once
    deadlines.schedule(late[0]!);
    deadlines.remove(late[2]!);
    const woken: [number, string][] = [];
    for (let now_ms = deadlines.next_ms(); now_ms < Infinity; now_ms = deadlines.next_ms()) {
      for (let one = deadlines.due(now_ms); one; one = deadlines.due(now_ms)) woken.push([now_ms, one.name]);
    }
    expect(woken).toEqual([
      [20_000, 'at 700500'],
      [30_000, 'at 30000'],
      [90_000, 'at 30000'],
    ]);
  });

  test('keep their order over thousands of random changes', () => {
    const deadlines = new Deadlines<ReturnType<typeof sleeper>>();
    let state = 1;
    const random = (below: number): number => (state = (state * 48271) % 0x7fffffff) % below;
    const sleepers = Array.from({ length: 300 }, (_, index) => sleeper(`${index}`, Infinity));
    for (let now_ms = 0; now_ms < 30_000; now_ms += 1) {
      const one = sleepers[random(300)]!;
      if (random(5) === 0) deadlines.remove(one);
      else {
        one.deadline_ms = now_ms + 1 + random(random(2) === 0 ? 500 : 20_000);
        deadlines.schedule(one);
      }
      for (let due = deadlines.due(now_ms); due; due = deadlines.due(now_ms)) {
        expect(due.deadline_ms).toBeLessThanOrEqual(now_ms);
      }
      expect(deadlines.next_ms()).toBeGreaterThan(now_ms);
    }
  });
});

describe('number fields', () => {
  const Point = withNumbers({ x: 1, y: Infinity, z: -0.5 });

  test("begin with their values, and are each object's own", () => {
    const [one, other] = [new Point(), new Point()];
    one.x = 0x1_0000_0000;
    one.z += 1;
    expect([one.x, one.y, one.z]).toEqual([0x1_0000_0000, Infinity, 0.5]);
    expect([other.x, other.y, other.z]).toEqual([1, Infinity, -0.5]);
  });
});

describe('offsets', () => {
  test.each([0, 5, 0xffff_fff0])('survive many wraps from %i', (initial) => {
    for (let offset = 0; offset < 2 ** 36; offset += 2 ** 29 + 12_345) {
      expect(toOffset(toSequence(offset, initial), initial, Math.max(0, offset - 1000))).toBe(offset);
    }
  });
});

describe('the states', () => {
  test('all lead to closed', () => {
    for (const state of Object.keys(TRANSITIONS) as (keyof typeof TRANSITIONS)[]) {
      if (state !== 'closed') expect(nextState(state, 'abort')).toBe('closed');
    }
  });

  test('know no event that cannot happen', () => {
    expect(() => nextState('syn-sent', 'fin-sent')).toThrow('no transition');
  });
});
