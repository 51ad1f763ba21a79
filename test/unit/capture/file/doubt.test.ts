/** What a capture says, and what later packets of it say of that: clocks that jump, segments that are damaged. */
import { CaptureFiles } from '../../../../src/capture/file/capture-files';
import { Replay } from '../../../../src/capture/file/replay';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFileSync, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { joined } from '../files';
import { CLIENT, ONLINE, packet, type PacketOptions } from '../packets';
import { frame } from '../tunnels';
import { everywhere, payloadOf } from './reading';

let directory = '';
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'doubt-'))));
afterAll(() => rm(directory, { recursive: true }));

interface Heard {
  readonly payloads: string[];
  readonly times_ms: number[];
  readonly jumps_s: number[];
  readonly silences_s: number[];
}

interface Patience {
  readonly patience_ms?: number;
  readonly played?: (payload: string) => unknown;
}

/** Plays records until the capture ends, or more than `patience_ms` would be waited for. */
async function play(source: readonly Uint8Array[] | string, { patience_ms = 5000, played }: Patience = {}) {
  const path = typeof source === 'string' ? source : join(directory, 'capture.pcap');
  if (typeof source !== 'string') await writeFile(path, joined(emitPcapFileHeader(1), ...source));
  const capture = await CaptureFiles.open([path], everywhere);
  const heard: Heard = { payloads: [], times_ms: [], jumps_s: [], silences_s: [] };
  const controller = new AbortController();
  const from_ms = performance.now();
  const replay = new Replay(capture, { speed: 1, silenceMax_ms: Infinity }, 0, {
    ready: () => true,
    play: (view) => {
      heard.payloads.push(payloadOf(view));
      heard.times_ms.push(performance.now() - from_ms);
      played?.(payloadOf(view));
    },
    clockJumped: (by_ms) => heard.jumps_s.push(Math.round(by_ms / 1000)),
    silent: (wait_ms) => {
      heard.silences_s.push(Math.round(wait_ms / 1000));
      if (wait_ms > patience_ms) controller.abort();
    },
  });
  await replay.run(controller.signal);
  await capture.close();
  return { ...heard, counters: capture.counters, captured_ms: replay.captured_ms };
}

const at = (time_s: number, options: PacketOptions | string): Uint8Array =>
  emitPcapRecord(frame(packet(typeof options === 'string' ? { payload: options } : options)), time_s);

describe("the capture's clock", () => {
  const HOUR = 3600;
  const YEARS = 20 * 365 * 86_400;

  test.each([
    ['hours', 3 * HOUR],
    ['decades', YEARS],
  ])('that is %s ahead for one packet stops nothing', async (_, by) => {
    const { payloads, jumps_s, captured_ms, times_ms } = await play([
      at(1e9, 'a'),
      at(1e9 + 0.1 + by, 'wrong'),
      at(1e9 + 0.2, 'b'),
      at(1e9 + 0.3, 'c'),
    ]);
    expect(payloads).toEqual(['a', 'wrong', 'b', 'c']);
    expect(jumps_s).toEqual([by]);
    expect(captured_ms).toBeCloseTo(300);
    // From the start on: on a busy machine any packet may be late, and none early.
    expect(times_ms[3]).toBeGreaterThan(290);
  });

  test('that is decades behind for one packet, or has none, stops nothing', async () => {
    for (const wrong of [0, 1e9 - YEARS]) {
      const { payloads, captured_ms } = await play([at(1e9, 'a'), at(wrong, 'wrong'), at(1e9 + 0.2, 'b')]);
      expect(payloads).toEqual(['a', 'wrong', 'b']);
      expect(captured_ms).toBeCloseTo(200);
    }
  });

  test('that was wrong for the first packet stops nothing', async () => {
    for (const wrong of [0, 1e9 + YEARS]) {
      const { payloads, captured_ms } = await play([at(wrong, 'wrong'), at(1e9, 'a'), at(1e9 + 0.1, 'b')]);
      expect(payloads).toEqual(['wrong', 'a', 'b']);
      expect(captured_ms).toBeCloseTo(100);
    }
  });

  test('that is two clocks, hours apart, goes by both', async () => {
    const records = Array.from({ length: 20 }, (_, one) => at(1e9 + one / 50 + (one % 2) * HOUR, `${one}`));
    const { payloads, captured_ms, jumps_s } = await play(records);
    expect(payloads).toHaveLength(20);
    // The second clock begins with the packet before it.
    expect(captured_ms).toBeCloseTo(360);
    expect(jumps_s).toEqual([HOUR]);
  });

  test('that steps ahead for good is a silence, which is told', async () => {
    const { payloads, silences_s, jumps_s } = await play([
      at(1e9, 'a'),
      at(1e9 + HOUR, 'b'),
      at(1e9 + HOUR, 'c'),
    ]);
    expect(payloads).toEqual(['a']);
    expect(silences_s).toEqual([HOUR]);
    expect(jumps_s).toEqual([]);
  });

  test("that the servers' packets behind the last one take back is not waited for", async () => {
    const answer = { source: ONLINE, destination: CLIENT, sourcePort: 80, destinationPort: 40_000 };
    const { payloads, jumps_s } = await play([at(1e9, 'a'), at(1e9 + HOUR, 'b'), at(1e9 + 0.1, answer)]);
    expect(payloads).toEqual(['a', 'b']);
    expect(jumps_s).toEqual([HOUR]);
  });

  test('that is beyond belief is not waited for, though nothing takes it back', async () => {
    const { payloads, jumps_s } = await play([at(1e9, 'a'), at(1e9 + YEARS, 'b')]);
    expect(payloads).toEqual(['a', 'b']);
    expect(jumps_s).toEqual([YEARS]);
  });

  test('is not waited for on a pipe once later packets take its jump back', async () => {
    const path = join(directory, 'fifo');
    execFileSync('mkfifo', [path]);
    const writer = spawn('sh', ['-c', `cat > ${path}`], { stdio: ['pipe', 'ignore', 'ignore'] });
    writer.stdin.write(joined(emitPcapFileHeader(1), at(1e9, 'a'), at(1e9 + HOUR, 'wrong')));
    const more = (): unknown => writer.stdin.end(at(1e9 + 0.1, 'b'));
    const { payloads, times_ms, jumps_s } = await play(path, {
      patience_ms: Infinity,
      played: (payload) => payload === 'a' && setTimeout(more, 150),
    });
    expect(payloads).toEqual(['a', 'wrong', 'b']);
    expect(times_ms[1]! - times_ms[0]!).toBeGreaterThan(140);
    expect(jumps_s).toEqual([HOUR]);
  });

  test('is looked after no further than so many segments', async () => {
    const many = Array.from({ length: 6000 }, (_, one) => at(1e9 + HOUR + one / 1e6, `${one}`));
    const { payloads, silences_s } = await play([at(1e9, 'a'), ...many, at(1e9 + 1, 'z')]);
    expect(payloads).toEqual(['a']);
    expect(silences_s).toEqual([HOUR]);
  });
});

describe('a segment with a wrong checksum', () => {
  /** Requests of one client, one after the other, with their checksums. */
  const said = (
    one: number,
    checksum: PacketOptions['checksum'] | 'wrong' = 'right',
    text = `r${one}`,
  ): Uint8Array =>
    at(10 + one / 1000, {
      payload: text,
      sequence: 1000 + one * 10,
      ...(checksum === 'wrong' ? {} : { checksum }),
    });
  const right = (count: number): Uint8Array[] => Array.from({ length: count }, (_, one) => said(one));

  test('is not played where others are right', async () => {
    const records = right(100);
    records.splice(50, 0, said(50, 'wrong', 'xx'));
    const { payloads, counters } = await play(records);
    expect(payloads).toEqual(Array.from({ length: 100 }, (_, one) => `r${one}`));
    expect(counters).toMatchObject({ packets: 101, segments: 100, 'rejected_tcp-checksum': 1 });
  });

  test('is not played though it is the first one', async () => {
    const { payloads } = await play([said(0, 'wrong', 'xx'), ...right(60)]);
    expect(payloads).toEqual(Array.from({ length: 60 }, (_, one) => `r${one}`));
  });

  test('is not played before a good one in a capture of a few packets', async () => {
    const { payloads } = await play([said(0), said(1, 'wrong', 'xx'), said(1), said(2)]);
    expect(payloads).toEqual(['r0', 'r1', 'r2']);
  });

  test('is not played before a good one where many are wrong', async () => {
    const wrong = Array.from({ length: 60 }, (_, one) => said(one, 'wrong'));
    wrong.splice(31, 0, said(30));
    const { payloads } = await play(wrong);
    expect(payloads).toHaveLength(60);
    expect(payloads[30]).toBe('r30');
  });

  test('is played where hardly any is right: its card computed them', async () => {
    const { payloads, counters } = await play(Array.from({ length: 60 }, (_, one) => said(one, 'wrong')));
    expect(payloads).toHaveLength(60);
    expect(counters['rejected_tcp-checksum']).toBeUndefined();
  });

  test('is played where fewer than 95 % are right', async () => {
    const records = Array.from({ length: 60 }, (_, one) => said(one, one % 15 === 14 ? 'wrong' : 'right'));
    expect((await play(records)).payloads).toHaveLength(60);
  });

  test('is played where it is that of the pseudo-header: a machine put it together, and had checked its parts', async () => {
    const records = Array.from({ length: 200 }, (_, one) =>
      said(one, one % 100 === 5 ? 'of-pseudo-header' : 'right'),
    );
    expect((await play(records)).payloads).toHaveLength(200);
  });

  test('is played where it is longer than a packet can be', async () => {
    const records = right(100);
    records.splice(50, 0, said(50, 'wrong', 'x'.repeat(4000)));
    expect((await play(records)).payloads).toHaveLength(101);
  });

  test('is judged by its own direction only', async () => {
    const other = Array.from({ length: 60 }, (_, one) =>
      at(10 + one / 1000, { payload: 'o', destinationPort: 81, sequence: one * 10 }),
    );
    const records = right(60).flatMap((record, one) => [record, other[one]!]);
    records.splice(70, 0, said(35, 'wrong', 'xx'));
    expect((await play(records)).payloads).toHaveLength(60);
  });

  test('on a pipe that has stopped is played after a second at most', async () => {
    const path = join(directory, 'slow');
    execFileSync('mkfifo', [path]);
    const writer = spawn('sh', ['-c', `cat > ${path}`], { stdio: ['pipe', 'ignore', 'ignore'] });
    writer.stdin.write(joined(emitPcapFileHeader(1), said(0), said(1, 'wrong')));
    const { payloads, times_ms } = await play(path, {
      played: (payload) => payload === 'r1' && writer.stdin.end(),
    });
    expect(payloads).toEqual(['r0', 'r1']);
    expect(times_ms[1]! - times_ms[0]!).toBeGreaterThan(900);
  });
});
