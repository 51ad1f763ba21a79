/** Which server is slower, of captures as labs have them: the test side's are late, and its copies acknowledge late. */
import type { ComparisonReport } from '../../../../src/answers/account/report';
import { crossedOf, parseThreshold, undecidedOf } from '../../../../src/answers/report/thresholds';
import { compared } from '../world/compared';
import { randomBy, type Random } from '../world/random';
import { RecordedConnection, Recorder, type End, type Packet } from '../world/recorder';
import { ONLINE, REFERENCE, TEST } from '../world/world';

const CONNECTIONS = 20;
const REQUESTS = 12;
const PATHS = ['/quick', '/long'] as const;
const LONG = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n${'x'.repeat(30_000)}`);
const SHORT = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

interface Slow {
  readonly path: (typeof PATHS)[number];
  readonly took_ms: (as_ms: number) => number;
}

/** What comes between a server and its captures. */
interface Copy {
  readonly server: End;
  readonly round_ms: number;
  /** Of the server's packets, mostly less. */
  readonly late_ms: number;
  readonly took_ms: (path: string, as_ms: number) => number;
}

/** Servers are as quick as nginx, each in its own way each time; copies acknowledge after a few milliseconds. */
function recordedAt({ server, round_ms, late_ms, took_ms }: Copy, random: Random): Buffer {
  // Who reads them has no core at times; what comes meanwhile is stamped behind that.
  const away = new Map<number, { readonly from_s: number; readonly to_s: number }>();
  const slot_s = (2 * late_ms) / 1000;
  const stampOf = (time_s: number): number => {
    const slot = Math.floor(time_s / slot_s);
    if (!away.has(slot)) {
      const from_s = (slot + random.next() / 2) * slot_s;
      away.set(slot, { from_s, to_s: from_s + (random.next() * slot_s) / 2 });
    }
    const { from_s, to_s } = away.get(slot)!;
    return (time_s > from_s && time_s < to_s ? to_s : time_s) + 0.000_01;
  };
  const late = (packets: readonly Packet[]): Packet[] =>
    packets
      .map((packet) =>
        packet.from === 'client' || late_ms === 0 ? packet : { ...packet, time_s: stampOf(packet.time_s) },
      )
      .toSorted((a, b) => a.time_s - b.time_s);
  const recorder = new Recorder(late);
  for (let at = 0; at < CONNECTIONS; at += 1) {
    const client: End = { address: 0xc6330001, port: 20_000 + at };
    const connection = new RecordedConnection(recorder, client, server, 1000 * at, 77);
    let at_s = 1_700_000_000 + at * 0.01;
    connection.open(at_s);
    for (let request = 0; request < REQUESTS; request += 1) {
      const path = request % 3 === 0 ? '/long' : '/quick';
      at_s = connection.say(at_s + 0.05, Buffer.from(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
      const busy_ms = random.chance(0.1) ? 5 * random.next() : 0;
      const begins_s = at_s + took_ms(path, 0.1 + 0.1 * random.next() + busy_ms) / 1000;
      at_s = connection.answerByRounds(begins_s, path === '/long' ? LONG : SHORT, round_ms / 1000);
    }
    connection.close(at_s + 0.01);
  }
  return recorder.pcap();
}

const asQuick = (_: string, as_ms: number): number => as_ms;

async function reportOf(
  seed: number,
  {
    slow,
    late_ms = 1.5,
    referenceTook_ms,
  }: { slow?: Slow; late_ms?: number; referenceTook_ms?: Copy['took_ms'] } = {},
): Promise<ComparisonReport> {
  const random = randomBy(seed);
  const own = { server: ONLINE, round_ms: 0.1, late_ms: 0, took_ms: asQuick };
  const behind = { round_ms: 2 + 4 * random.next(), late_ms };
  const took_ms = (path: string, as_ms: number): number =>
    path === slow?.path ? slow.took_ms(as_ms) : as_ms;
  const online = recordedAt(own, random);
  const test = recordedAt({ ...behind, server: TEST, took_ms }, random);
  const reference =
    referenceTook_ms && recordedAt({ ...behind, server: REFERENCE, took_ms: referenceTook_ms }, random);
  return (await compared({ online, test, reference })).report;
}

const LIMITS = ['p50 > 1.2x', 'p90 > 1.2x', 'p99 > 1.2x', 'route p50 > 1.2x'].map(parseThreshold);
const notTheSame = (report: ComparisonReport): string[] => [
  ...report.routes.flatMap(({ route, times }) =>
    times!.verdict === 'same' ? [] : [`${route} ${times!.verdict}`],
  ),
  ...crossedOf(report, LIMITS).map(({ message }) => message),
];

test('servers that are the same are, behind copies that acknowledge and captures that stamp late', async () => {
  const found: string[] = [];
  let raw = 0;
  for (let seed = 0; seed < 6; seed += 1) {
    const report = await reportOf(seed, { late_ms: 0.5 + (seed % 5) });
    found.push(...notTheSame(report).map((one) => `seed ${seed}: ${one}`));
    raw += report.times!.ratio.p50 > 1.2 ? 1 : 0;
    expect(report.times!.pairs).toBe(CONNECTIONS * REQUESTS);
  }
  expect(found).toEqual([]);
  // Their medians alone would say something else.
  expect(raw).toBeGreaterThan(1);
});

test('a route that is ten times as slow is found, and one that is 2 ms slower, and no other', async () => {
  for (let seed = 0; seed < 2; seed += 1)
    for (const path of PATHS)
      for (const took_ms of [(as_ms: number) => 10 * as_ms + 1, (as_ms: number) => as_ms + 2]) {
        const report = await reportOf(seed, { slow: { path, took_ms } });
        const slower = report.routes.filter(({ times }) => times!.verdict !== 'same');
        expect(slower.map(({ route, times }) => `${route} ${times!.verdict}`)).toEqual([
          `GET ${path} slower`,
        ]);
        expect(crossedOf(report, LIMITS).map(({ route }) => route)).toContain(`GET ${path}`);
      }
});

test('what is less than the captures are late is not told, and that it cannot be is', async () => {
  const slow = { path: '/quick', took_ms: (as_ms: number) => as_ms + 2 } as const;
  const report = await reportOf(1, { slow, late_ms: 12 });
  expect(report.late_ms!.p90).toBeGreaterThan(3);
  expect(notTheSame(report)).toEqual([]);
  expect(undecidedOf(report, LIMITS).map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^GET \/quick: p50 is .*, but of 160 pairs .* up to [\d.]+ ms may be the copy's/),
  );
});

test('what a reference needs as well is the copy’s', async () => {
  const slow = { path: '/quick', took_ms: (as_ms: number) => as_ms + 4 } as const;
  const asSlow = await reportOf(2, { slow, referenceTook_ms: (_, as_ms) => as_ms + 4 });
  expect(notTheSame(asSlow)).toEqual([]);
  const slower = await reportOf(2, { slow, referenceTook_ms: asQuick });
  expect(notTheSame(slower)).toContain('GET /quick slower');
});
