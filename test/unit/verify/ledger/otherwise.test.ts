/** The ledger of a copy whose test server ends connections that the online server keeps. */
import { notesInLedger } from '../../../../lab/verify/findings/in-ledger';
import type { Doubt } from '../../../../lab/verify/evidence/doubt';
import type { ServerRecord } from '../../../../lab/verify/evidence/server-record';
import { ledgerOf, type Ledger } from '../../../../lab/verify/ledger/ledger';
import { surplusOver, surplusUpTo, withoutRefused } from '../../../../lab/verify/ledger/refused';
import { clientOf, observed, planOf, RUN, saidIn, type Said } from '../world/plan';
import { ONLINE, scene, TEST } from '../world/scene';

const plan = planOf(4, 1);
const sent = saidIn(plan);
const [first, second] = sent as [Said, Said];
const [a, b, c, d] = first.pieces as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const client = clientOf(0);
const id = (name: string): string => `lab/${RUN}/${name}`;
const nothing = { missing: [], doubtful: [], duplicated: [], altered: [], reordered: [], unexpected: [] };

/** One after the other, from the end of the first client; each was ended by the test server. */
const parts = (...pieces: readonly (readonly Uint8Array[])[]): Said[] => [
  ...pieces.map((part) => ({ client, pieces: part, isBrokenOff: true })),
  second,
];

/** By what the test server's log has of each request. */
function ledgerWith(atTest: readonly Said[], { carriedOut = {}, doubt }: Given = {}): Ledger {
  const deliveries = plan.flatMap(({ requests }) =>
    requests.map(({ identity, bytes }) => {
      const times = carriedOut[identity.slice(`lab/${RUN}/`.length)] ?? 1;
      return [identity, Array.from({ length: times }, () => bytes.length)] as const;
    }),
  );
  const record: ServerRecord = { kind: 'by-request', deliveries: new Map(deliveries) };
  const captured = observed(TEST, atTest);
  return ledgerOf({
    planned: plan,
    sent: 5,
    online: observed(ONLINE, sent),
    test: withoutRefused(captured, surplusOver(captured, record)),
    ...(doubt && { doubt }),
  });
}

interface Given {
  readonly carriedOut?: Readonly<Record<string, number>>;
  readonly doubt?: Doubt;
}

test('requests that go on in further connections are all there, in order', () => {
  expect(ledgerWith(parts([a], [b], [c, d])).identities).toEqual(nothing);
  expect(ledgerWith(parts([b], [a, c, d])).identities.reordered).toEqual([id('0-0')]);
});

describe('a request that a connection ends with and the next one begins with', () => {
  test('came once, when the test server carried it out once', () => {
    expect(ledgerWith(parts([a, b], [b, c, d])).identities).toEqual(nothing);
    expect(ledgerWith(parts([a, b, c], [b, c], [c, d])).identities).toEqual(nothing);
  });

  test('came twice, when the test server carried it out twice', () => {
    const ledger = ledgerWith(parts([a, b], [b, c, d]), { carriedOut: { '0-1': 2 } });
    expect(ledger.identities).toEqual({ ...nothing, duplicated: [id('0-1')] });
  });

  test('came twice, when the client had ended the connection', () => {
    const [before, after] = parts([a, b], [b, c, d]);
    const ledger = ledgerWith([{ ...before!, isBrokenOff: false }, after!, second]);
    expect(ledger.identities.duplicated).toEqual([id('0-1')]);
  });

  test('came twice, when it stood elsewhere', () => {
    expect(ledgerWith(parts([a, b], [c, b, d])).identities.duplicated).toEqual([id('0-1')]);
    expect(ledgerWith(parts([a, b, c], [b, d])).identities.duplicated).toEqual([id('0-1')]);
  });

  test('is no stranger, when only a part of it had been said', () => {
    expect(ledgerWith(parts([a, b.subarray(0, 30)], [b, c, d])).identities).toEqual(nothing);
    expect(ledgerWith(parts([a, b, c.subarray(0, 30)], [b, c, d])).identities).toEqual(nothing);
    const strange = Uint8Array.from(b.subarray(0, 30)).fill(0x20, 20);
    expect(ledgerWith(parts([a, strange], [b, c, d])).identities.unexpected).toHaveLength(1);
  });

  test('came once as often as tcpcopy says that it said something again, where no record tells', () => {
    const captured = observed(TEST, parts([a, b], [b, c], [c, d]));
    const duplicated = (saidAgain: number): readonly string[] =>
      ledgerOf({
        planned: plan,
        sent: 5,
        online: observed(ONLINE, sent),
        test: withoutRefused(captured, surplusUpTo(saidAgain)),
      }).identities.duplicated;
    expect(duplicated(2)).toEqual([]);
    expect(duplicated(1)).toEqual([id('0-2')]);
    expect(duplicated(0)).toEqual([id('0-1'), id('0-2')]);
  });
});

describe('a request that is told to be in doubt', () => {
  const startOf = { b: a.length, c: a.length + b.length };
  /** As the online server saw the first client: its initial sequence number is 1,000,000. */
  const words = (offset: number, bytes: number, from = client) => ({
    client: from,
    count: 1,
    sequence: 1_000_001 + offset,
    bytes,
  });
  const inDoubt = (...all: readonly ReturnType<typeof words>[]): Given => ({
    doubt: { words: all, told: all.length },
  });

  test('is doubtful instead of missing, and named', () => {
    const ledger = ledgerWith(parts([a], [c, d]), inDoubt(words(startOf.b, b.length)));
    expect(ledger.identities).toEqual({ ...nothing, doubtful: [id('0-1')] });
    expect(ledger.counts).toMatchObject({ test: 4, missing: 0, doubtful: 1 });
    expect(notesInLedger(ledger, scene)).toMatchObject([
      {
        code: 'requests-doubtful',
        message: `1 request is in doubt: test:8080 ended the connection before it answered, ${id('0-1')}. 0 of them arrived, 1 did not.`,
      },
    ]);
  });

  test('may have arrived all the same', () => {
    const both = inDoubt(words(startOf.b, b.length), words(startOf.c, c.length));
    const ledger = ledgerWith(parts([a, b], [d]), both);
    expect(ledger.identities).toEqual({ ...nothing, doubtful: [id('0-2')] });
    expect(ledger.inDoubt).toEqual({ told: 2, named: [id('0-1'), id('0-2')], arrived: [id('0-1')] });
    expect(notesInLedger(ledger, scene)[0]!.message).toContain('1 of them arrived, 1 did not.');
  });

  test('that was written in several pieces may be told as several', () => {
    const half = Math.floor(b.length / 2);
    const pieces = inDoubt(words(startOf.b, half), words(startOf.b + half, b.length - half));
    const [note] = notesInLedger(ledgerWith(parts([a], [c, d]), pieces), scene);
    expect(note!.message).toContain('2 requests are in doubt');
    expect(note!.message).toMatch(/They are 1 request, .*: 0 arrived, 1 did not\.$/);
  });

  test('is doubtful when a part of it is in doubt, and what there is of it is no stranger', () => {
    const ledger = ledgerWith(parts([a, b.subarray(0, 30)], [c, d]), inDoubt(words(startOf.b, 30)));
    expect(ledger.identities).toEqual({ ...nothing, doubtful: [id('0-1')] });
  });

  test.each([
    ['of another client', words(startOf.b, b.length, clientOf(1))],
    ['of another connection', { ...words(startOf.b, b.length), sequence: 9_000_000 }],
    ['that ends before it', words(0, a.length)],
    ['that begins behind it', words(startOf.c, c.length)],
  ])('is missing when the words are those %s', (_, other) => {
    const ledger = ledgerWith(parts([a], [c, d]), inDoubt(other));
    expect(ledger.identities).toEqual({ ...nothing, missing: [id('0-1')] });
  });

  test('is doubtful without a name, where the log does not name all', () => {
    const told = (count: number): Given => ({ doubt: { words: [], told: count } });
    const atTest = parts([a], [d]);
    expect(ledgerWith(atTest, told(2)).identities).toEqual({ ...nothing, doubtful: [id('0-1'), id('0-2')] });
    expect(ledgerWith(atTest, told(1)).identities).toEqual({ ...nothing, missing: [id('0-1'), id('0-2')] });
  });
});
