import { BATCH_BYTES, readSeen, SeenBatch, SeenError, type Seen } from '../../../../src/answers/seen/records';
import { parseAddress } from '../../../../src/wire/address/address';
import { emptySegmentView, type SegmentView } from '../../../../src/wire/segment';
import { ACK, FIN, SYN } from '../../../../src/wire/tcp';

interface Read {
  readonly seen: Seen;
  readonly sequence: number;
  readonly flags: number;
  readonly payload: Buffer;
  readonly time_ms: number;
}

function told(...segments: Partial<SegmentView>[]): { batches: Uint8Array[]; read: Read[] } {
  const batches: Uint8Array[] = [];
  const batch = new SeenBatch((records) => batches.push(records.slice()));
  for (const segment of segments) batch.add('server', { ...emptySegmentView(), ...segment }, 12.5);
  batch.flush();
  const read: Read[] = [];
  for (const records of batches)
    readSeen(records, (seen, { sequence, flags, bytes, payloadOffset, payloadLength }, time_ms) => {
      const payload = Buffer.from(bytes.slice(payloadOffset, payloadOffset + payloadLength));
      read.push({ seen, sequence, flags, payload, time_ms });
    });
  return { batches, read };
}

const segment = (payload: Uint8Array, more: Partial<SegmentView> = {}): Partial<SegmentView> => ({
  bytes: payload,
  payloadLength: payload.length,
  source: parseAddress('2001:2::20')!,
  destination: parseAddress('198.18.10.10')!,
  flags: ACK,
  ...more,
});

describe('records of what was seen', () => {
  test('say what a segment says', () => {
    const payload = Buffer.from('words');
    const { read } = told(segment(payload, { sequence: 7, flags: ACK | FIN }));
    expect(read).toEqual([{ seen: 'server', sequence: 7, flags: ACK | FIN, payload, time_ms: 12.5 }]);
  });

  test('of a super-packet are several segments, of which the last has its end', () => {
    const payload = Buffer.from(Array.from({ length: 65_000 }, (_, at) => at % 251));
    const { read, batches } = told(segment(payload, { sequence: 0xffff_fff0, flags: ACK | FIN }));
    expect(read.map(({ sequence, flags }) => ({ sequence, flags }))).toEqual([
      { sequence: 0xffff_fff0, flags: ACK },
      { sequence: 32_768 - 16, flags: ACK | FIN },
    ]);
    expect(Buffer.concat(read.map((one) => one.payload)).equals(payload)).toBe(true);
    expect(batches.every(({ length }) => length <= BATCH_BYTES)).toBe(true);
  });

  test('of words behind a SYN count from its own number on', () => {
    const { read } = told(segment(Buffer.alloc(40_000), { sequence: 100, flags: SYN }));
    expect(read.map(({ sequence, flags }) => ({ sequence, flags }))).toEqual([
      { sequence: 100, flags: SYN },
      { sequence: 100 + 1 + 32_768, flags: 0 },
    ]);
  });

  test('that are cut off, or none, are an error of their own', () => {
    const { batches } = told(segment(Buffer.from('words')));
    const [records] = batches;
    for (const bytes of [
      records!.subarray(0, 60),
      records!.subarray(0, 3),
      Uint8Array.of(9, ...records!.slice(1)),
    ])
      expect(() => readSeen(bytes, () => undefined)).toThrow(SeenError);
  });
});
