import { gzipSync } from 'node:zlib';
import { compared, findingsOf } from '../world/compared';
import { RecordedConnection, Recorder, type Packet } from '../world/recorder';
import { ONLINE, TEST, worldOf } from '../world/world';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { LINKTYPE_NFLOG } from '../../../../src/wire/encapsulation/nflog';

const CLIENT = { address: 0xc6120a0a, port: 40_000 };

function recorded(
  server: typeof ONLINE,
  answers: readonly string[],
  end: 'closed' | 'open' = 'closed',
): Recorder {
  const recorder = new Recorder();
  const connection = new RecordedConnection(recorder, CLIENT, server, 1000, 5000);
  connection.open(1);
  for (const [at, answer] of answers.entries()) {
    connection.say(2 + at, Buffer.from(`GET /${at} HTTP/1.1\r\n\r\n`));
    connection.answer(
      2.5 + at,
      Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`),
    );
  }
  if (end === 'closed') connection.close(60);
  return recorder;
}

function fileOf(packets: readonly Packet[]): Buffer {
  const recorder = new Recorder();
  for (const packet of packets) recorder.add(packet);
  return recorder.pcap();
}

/** As `tcpdump -i nflog:5` records what a rule in OUTPUT has logged. */
function loggedFile(packets: readonly Packet[]): Buffer {
  const records = packets.map(({ bytes, time_s }) => {
    const prefix = Buffer.from([2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 3, 0]);
    const head = Buffer.alloc(4);
    head.writeUInt16LE(4 + bytes.length, 0);
    head.writeUInt16LE(9, 2);
    const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4);
    return emitPcapRecord(Buffer.concat([prefix, head, bytes, padding]), time_s);
  });
  return Buffer.concat([emitPcapFileHeader(LINKTYPE_NFLOG), ...records]);
}

const online = recorded(ONLINE, ['one', 'two', 'three']).pcap();

describe('captures of a side', () => {
  const other = recorded(TEST, ['one', 'two', 'other']);
  const found = async (...files: Buffer[]) => findingsOf((await compared({ online, test: files })).report);
  const finding = ['GET /{id}: text changed'];

  test('may be several that were captured beside each other, as of what comes in and what a rule has logged', async () => {
    const packets = other.packets();
    const from = (who: Packet['from']) => packets.filter((packet) => packet.from === who);
    expect(await found(fileOf(from('client')), loggedFile(from('server')))).toEqual(finding);
  });

  test('may be several one after the other, and compressed', async () => {
    const packets = other.packets();
    const half = Math.floor(packets.length / 2);
    expect(await found(gzipSync(fileOf(packets.slice(0, half))), fileOf(packets.slice(half)))).toEqual(
      finding,
    );
  });

  test('that have no client of that server are told so', async () => {
    const { report, notes } = await compared({ online, test: online });
    expect(report.pairs).toBe(0);
    expect(notes).toEqual([expect.stringMatching(/^test: no client spoke to that server in \d+ packets$/)]);
  });

  test('that are damaged, or cut short, are told with what was left out', async () => {
    const file = other.pcap();
    const { report, notes } = await compared({ online, test: file.subarray(0, file.length - 90) });
    expect(notes[0]).toMatch(/test-0\.pcap is damaged at byte \d+/);
    expect(report.pairs + report.unjudged).toBe(3);
    const snapped = Buffer.concat([
      emitPcapFileHeader(101),
      ...other.packets().map(({ bytes, time_s }) => {
        const record = Buffer.from(emitPcapRecord(bytes.subarray(0, 60), time_s));
        record.writeUInt32LE(bytes.length, 12);
        return record;
      }),
    ]);
    const cut = await compared({ online, test: snapped });
    expect(cut.notes[0]).toMatch(/^test: \d+ segments are cut off; capture them whole \(tcpdump -s 0\)$/);
    expect(cut.report.differing).toBe(0);
  });

  test('that hold one direction only are told so, and nobody is blamed', async () => {
    const requests = fileOf(other.packets().filter(({ from }) => from === 'client'));
    const { report, notes } = await compared({ online, test: requests });
    expect(report).toMatchObject({ pairs: 0, unjudged: 3, differing: 0 });
    expect(notes).toEqual([
      expect.stringMatching(/^test: nothing that the server says is captured in 1 of 1 connections/),
    ]);
  });

  test('that are encrypted, or begin too late, are told so, and not compared', async () => {
    const record = '\u0017\u0003\u0003\u0000\u0002ab';
    const spoken = (server: typeof ONLINE, words: string, isJoined: boolean): Buffer => {
      const recorder = new Recorder();
      const connection = new RecordedConnection(recorder, CLIENT, server, 1000, 5000);
      if (!isJoined) connection.open(1);
      connection.say(2, Buffer.from(words, 'latin1'));
      connection.answer(3, Buffer.from(`${server.port}`));
      return recorder.pcap();
    };
    for (const [words, isJoined, said] of [
      [`\u0016\u0003\u0001${record}`, false, 'are encrypted'],
      [record, true, 'are encrypted'],
      ['the end of a request', true, 'began before the capture'],
    ] as const) {
      const { report, notes } = await compared({
        online: spoken(ONLINE, words, isJoined),
        test: spoken(TEST, words, isJoined),
      });
      expect(report).toMatchObject({ pairs: 0, unjudged: 0, unmatched: { online: 0, test: 0 } });
      expect(notes).toEqual([
        expect.stringMatching(`^online: 1 connections ${said}`),
        expect.stringMatching(`^test: 1 connections ${said}`),
      ]);
    }
  });

  test('may be rotated into many files, of which few are open at a time', async () => {
    const packets = other.packets();
    const files = packets.map((packet) => fileOf([packet]));
    expect(files.length).toBeGreaterThan(8);
    expect(await found(...files.toReversed())).toEqual(finding);
  });

  test('that are none are refused by name', async () => {
    await expect(
      compared({ online, test: Buffer.from('this is no capture at all, whatever it says') }),
    ).rejects.toThrow(/test-0\.pcap/);
  });

  test('end with answers that are still open, which nobody is blamed for', async () => {
    const short = recorded(TEST, ['one', 'two'], 'open');
    const connection = new RecordedConnection(short, { ...CLIENT, port: 40_009 }, TEST, 1, 1);
    connection.open(4);
    const { report } = await compared({ online, test: short.pcap() });
    expect(report).toMatchObject({ pairs: 2, differing: 0, unmatched: { online: 1, test: 0 } });
  });
});

describe('a comparison', () => {
  test('in little memory compares what it can, and says how much it could not look into', async () => {
    const world = worldOf({ seed: 5 });
    // The copies come much later, as in a replay.
    const { report } = await compared(world, { memory_bytes: 1 });
    expect(report.shortened).toBeGreaterThan(0);
    expect(findingsOf(report)).toEqual([]);
  });

  test('is the same whichever way the copies’ addresses and times are', async () => {
    const [plain, rough] = await Promise.all(
      [false, true].map(async (isRough) => {
        const fault = { kind: 'field', route: 'GET /list', share: 1 } as const;
        return findingsOf((await compared(worldOf({ seed: 7, fault, isRough }))).report);
      }),
    );
    expect(plain).toEqual(['GET /list: json:$.total missing']);
    expect(rough).toEqual(plain);
  });
});
