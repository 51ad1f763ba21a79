import { Handshakes } from '../../../src/session/tables/handshakes';

function handshakes(): { of: Handshakes<string>; started: string[]; now: { ms: number } } {
  const started: string[] = [];
  const now = { ms: 0 };
  const of: Handshakes<string> = new Handshakes<string>((session) => {
    expect(of.mayBegin(session, now.ms)).toBe(true);
    started.push(session);
  });
  return { of, started, now };
}

describe('handshakes', () => {
  test('begin at once as long as not two connections in a row have failed', () => {
    const { of } = handshakes();
    for (let client = 0; client < 1000; client += 1) expect(of.mayBegin(`${client}`, 0)).toBe(true);
    of.failed(0);
    expect(of.isInDoubt).toBe(true);
    expect(of.mayBegin('another', 0)).toBe(true);
  });

  test('wait from 0.1 to 5 s when connections fail, each time twice as long', () => {
    const { of, started, now } = handshakes();
    of.failed(0);
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      of.failed(now.ms);
      expect(of.mayBegin(`${round}`, now.ms)).toBe(false);
      waits.push(of.next_ms() - now.ms);
      now.ms = of.next_ms();
      of.tick(now.ms);
      of.over();
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(started).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  test('begin once only: whoever had to wait and asks again in time waits no longer', () => {
    const { of, started } = handshakes();
    of.failed(0);
    of.failed(0);
    expect(of.mayBegin('one', 0)).toBe(false);
    expect(of.mayBegin('one', 100)).toBe(true);
    of.tick(100);
    expect(started).toEqual([]);
  });

  test('that fail while the test server is given time do not lengthen it', () => {
    const { of } = handshakes();
    for (let client = 0; client < 50; client += 1) of.failed(0);
    of.mayBegin('one', 0);
    expect(of.next_ms()).toBe(100);
  });

  test('are at most 64 under way then, and each that is over lets another one begin', () => {
    const { of, started, now } = handshakes();
    of.failed(0);
    of.failed(0);
    for (let client = 0; client < 100; client += 1) of.mayBegin(`${client}`, 0);
    now.ms = 100;
    of.tick(100);
    expect(started).toHaveLength(64);
    expect(of.next_ms()).toBe(Infinity);
    of.over();
    expect(of.next_ms()).toBe(100);
    of.tick(101);
    expect(started).toHaveLength(65);
  });

  test('all begin as soon as the test server has taken a request', () => {
    const { of, started } = handshakes();
    of.failed(0);
    of.failed(0);
    for (let client = 0; client < 100; client += 1) of.mayBegin(`${client}`, 0);
    of.leave('7');
    of.succeeded(1);
    expect(started).toHaveLength(99);
    expect(of.isInDoubt).toBe(false);
  });
});
