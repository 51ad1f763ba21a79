import { findInLeaks } from '../../../../lab/verify/findings/in-leaks';
import { leaksOf } from '../../../../lab/verify/leaks/leaks';
import type { TapEvidence } from '../../../../lab/verify/evidence/tap';
import { RST } from '../../../../src/wire/tcp';
import { arpRequest, capture, tcp, type TestFrame } from '../world/frames';
import { CLIENT, ONLINE, scene, TEST } from '../world/scene';

const tap = (name: string, frames: readonly TestFrame[]): TapEvidence => ({
  name,
  place: 'client',
  node: name,
  capture: capture(frames),
  families: [4],
  droppedByKernel: 0,
  endedEarly: undefined,
  tcpdumpCounts: {},
});

const request = tcp(CLIENT, ONLINE);
const leak = (sequence: number): TestFrame => tcp(TEST, CLIENT, { sequence });

describe('the leaks of all taps', () => {
  test('are none in captures without any', () => {
    const leaks = leaksOf([tap('client', [request]), tap('bridge lan', [request])], scene, []);
    expect(leaks).toEqual({
      frames: 0,
      byTap: { client: 0, 'bridge lan': 0 },
      byFamily: { 4: 0, 6: 0 },
      first: [],
      names: [],
      arpRequests: 0,
      exposures: [],
    });
    expect(findInLeaks(leaks, scene)).toEqual([]);
  });

  test('count a frame once that several taps saw', () => {
    const taps = [
      tap('client', [request, leak(1)]),
      tap('test', [leak(1)]),
      tap('bridge lan', [request, leak(1)]),
    ];
    const leaks = leaksOf(taps, scene, []);
    expect(leaks.frames).toBe(1);
    expect(leaks.byTap).toEqual({ client: 1, test: 1, 'bridge lan': 1 });
    expect(leaks.first).toMatchObject([{ tap: 'client' }]);
  });

  test('are those of the tap that saw most, when each client saw its own', () => {
    const other = tcp(TEST, '198.18.10.11:40000');
    const taps = [
      tap('client', [leak(1), leak(2)]),
      tap('client-2', [other]),
      tap('bridge lan', [leak(1), other, leak(2)]),
    ];
    const leaks = leaksOf(taps, scene, []);
    expect(leaks.frames).toBe(3);
    expect(leaks.first.map(({ to }) => to)).toEqual(['198.18.10.10', '198.18.10.11', '198.18.10.10']);
  });

  test('are shown as the first five different frames', () => {
    const frames = Array.from({ length: 9 }, (_, index) => leak(index));
    const leaks = leaksOf([tap('client', frames), tap('test', frames)], scene, []);
    expect(leaks.frames).toBe(9);
    expect(leaks.first.map(({ text }) => / seq (\d+)/.exec(text)![1])).toEqual(['0', '1', '2', '3', '4']);
  });

  test('include a refused answer, but not one of this run’s own connections', () => {
    const own = '198.18.10.20:50001';
    const frames = [tcp(TEST, own), tcp(own, TEST, { flags: RST })];
    expect(leaksOf([tap('test', frames)], scene, [50_001]).frames).toBe(0);
    expect(leaksOf([tap('test', frames)], scene, [50_002]).frames).toBe(1);
  });

  test('leave out a damaged capture, which fails by itself', () => {
    const damaged = { ...tap('client', [leak(1)]), capture: capture([leak(1), leak(2)]).subarray(0, 100) };
    expect(leaksOf([damaged], scene, [])).toMatchObject({ frames: 0, byTap: {} });
  });

  test('do not contain ARP requests, which are told beside them', () => {
    const leaks = leaksOf([tap('bridge lan', [arpRequest('198.18.10.30', '198.18.10.10')])], scene, []);
    expect(leaks).toMatchObject({ frames: 0, arpRequests: 1 });
    expect(findInLeaks(leaks, scene)).toEqual([]);
  });
});

test('a leak is told in one sentence, with the taps that saw it and its first frame', () => {
  const taps = [
    tap('client', [leak(7), leak(8)]),
    tap('client-2', [request]),
    tap('test', [leak(7), leak(8)]),
  ];
  expect(findInLeaks(leaksOf(taps, scene, []), scene)).toEqual([
    {
      code: 'leak',
      message:
        '2 frames of test:8080 got past the guard (seen at: client 2, test 2). The first: ' +
        'IP 198.18.10.30:8080 > 198.18.10.10:40000: Flags [P.], seq 7, ack 2000, win 500, length 0',
    },
  ]);
});
