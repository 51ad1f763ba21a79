import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureFiles } from '../../../../src/capture/file/capture-files';
import { Replay, type ReplayHost } from '../../../../src/capture/file/replay';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { joined } from '../files';
import { ethernet, packet } from '../packets';

let directory = '';
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'replay-'))));
afterAll(() => rm(directory, { recursive: true }));

/** Plays packets captured at these times (seconds). */
async function play(
  times_s: readonly number[],
  host: Partial<ReplayHost> & { readonly signal?: AbortSignal } = {},
  { speed = 1, round = 0 } = {},
) {
  const path = join(directory, 'capture.pcap');
  const records = times_s.map((time_s, index) =>
    emitPcapRecord(ethernet(packet({ sequence: index })), time_s),
  );
  await writeFile(path, joined(emitPcapFileHeader(1), ...records));
  const file = await CaptureFiles.open([path], [{ address: undefined, port: 80 }]);
  const played: { at_ms: number; sequence: number }[] = [];
  const begun_ms = performance.now();
  const replay = new Replay(file, { speed, silenceMax_ms: Infinity }, round, {
    ready: host.ready ?? (() => true),
    play: (view) => {
      played.push({ at_ms: performance.now(), sequence: view.sequence });
      host.play?.(view);
    },
    clockJumped: (by_ms) => host.clockJumped?.(by_ms),
    silent: (wait_ms) => host.silent?.(wait_ms),
    ...(host.isPlayed && { isPlayed: host.isPlayed }),
  });
  await replay.run(host.signal ?? new AbortController().signal);
  await file.close();
  // From there on times are measured: on a busy machine any packet may be late, also the first, and none early.
  return { played, begun_ms, replay };
}

const TENTHS = Array.from({ length: 11 }, (_, index) => 100 + index * 0.02);

test('packets are played at their times, all of them and in order', async () => {
  const { played, begun_ms, replay } = await play(TENTHS);
  expect(played.map(({ sequence }) => sequence)).toEqual(TENTHS.map((_, index) => index));
  const took_ms = played.at(-1)!.at_ms - begun_ms;
  expect(took_ms).toBeGreaterThan(198);
  expect(took_ms).toBeLessThan(5000);
  expect(replay.captured_ms).toBeCloseTo(200);
});

test('faster when asked to be', async () => {
  const { played, begun_ms } = await play([100, 110], {}, { speed: 100 });
  const took_ms = played[1]!.at_ms - begun_ms;
  expect(took_ms).toBeGreaterThan(98);
  expect(took_ms).toBeLessThan(5000);
});

test('nothing is played before its host is ready, and the clock stands still meanwhile', async () => {
  let ready = false;
  let pauses = 0;
  const from_ms = performance.now();
  setTimeout(() => (ready = true), 60);
  const { played } = await play([100, 100.05], {
    ready: () => ready,
    play: () => {
      pauses += 1;
      if (pauses > 1) return;
      ready = false;
      setTimeout(() => (ready = true), 120);
    },
  });
  expect(played[0]!.at_ms - from_ms).toBeGreaterThanOrEqual(58);
  expect(played[1]!.at_ms - played[0]!.at_ms).toBeGreaterThanOrEqual(165);
});

test('a later round has other sequence numbers', async () => {
  const { played } = await play([100, 100], {}, { round: 2 });
  expect(played.map(({ sequence }) => sequence)).toEqual([0x2000_0000, 0x2000_0001]);
});

test('an abort ends it at once, though the next packet is far away', async () => {
  const controller = new AbortController();
  const from_ms = performance.now();
  const { played } = await play([100, 500], {
    signal: controller.signal,
    play: () => void setTimeout(() => controller.abort(), 50),
  });
  expect(played).toHaveLength(1);
  expect(performance.now() - from_ms).toBeLessThan(30_000);
});

test('dense traffic lets the event loop have its turn', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const busy_ms = 0.05;
  await play(
    Array.from({ length: 1000 }, () => 100),
    {
      play: () => {
        const until_ms = performance.now() + busy_ms;
        while (performance.now() < until_ms);
      },
    },
  );
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
});

test('what another worker plays is passed, and the time between is the same', async () => {
  const isPlayed = ({ sequence }: { sequence: number }): boolean => sequence === 1 || sequence === 3;
  const { played, begun_ms } = await play([100, 100.06, 100.08, 100.12], { isPlayed });
  expect(played.map(({ sequence }) => sequence)).toEqual([1, 3]);
  // By the clock that began with the first of all, which was not played here.
  expect(played[0]!.at_ms - begun_ms).toBeGreaterThan(58);
  expect(played[1]!.at_ms - begun_ms).toBeGreaterThan(118);
});

test('a clock that jumped in what another worker plays is seen all the same', async () => {
  let jumps = 0;
  const isPlayed = ({ sequence }: { sequence: number }): boolean => sequence !== 1;
  const { played, begun_ms } = await play([100, 5000, 100.02, 100.04], {
    isPlayed,
    clockJumped: () => (jumps += 1),
  });
  expect(played.map(({ sequence }) => sequence)).toEqual([0, 2, 3]);
  expect(jumps).toBe(1);
  expect(played.at(-1)!.at_ms - begun_ms).toBeLessThan(5000);
});
