/** The ledger where nothing is known but bytes. */
import { passlistOf } from '../../../../lab/verify/evidence/passlist-of';
import { randomFrom } from '../../../../lab/load/requests/random';
import { NO_DOUBT, type Doubt } from '../../../../lab/verify/evidence/doubt';
import { streamsAt } from '../../../../lab/verify/ledger/streams/streams-at';
import { streamLedgerOf, type StreamLedger } from '../../../../lab/verify/ledger/streams/stream-ledger';
import { framesOf } from '../world/conversation';
import { capture, type End, type TestFrame } from '../world/frames';
import { clientOf } from '../world/plan';
import { ONLINE, scene, TEST } from '../world/scene';

const random = randomFrom(7);
/** What one client says, in pieces that no two of them share. */
const words = [300, 40, 2_000, 7].map((length) => Buffer.from(random.bytes(length)));
const [a, b, c, d] = words as [Buffer, Buffer, Buffer, Buffer];
const said = Buffer.concat(words);
const client = clientOf(0);

interface Said {
  readonly client?: End;
  readonly pieces: readonly Uint8Array[];
}

let sequence = 0;
const tapOf = (server: End, connections: readonly Said[]) => {
  const frames: TestFrame[] = connections.flatMap(({ client: end = client, pieces }) =>
    framesOf({ client: end, server, pieces, initialSequence: (sequence += 1_000_000) }),
  );
  const node = server === ONLINE ? 'online' : 'test';
  return {
    name: node,
    place: node,
    node,
    capture: capture(frames),
    families: [4],
    droppedByKernel: 0,
    endedEarly: undefined,
    tcpdumpCounts: {},
  } as const;
};

/** The sequence number of the first client's first byte. */
let first = 0;
function ledger(
  atTest: readonly Said[],
  { doubt = NO_DOUBT, saidAgain = 0, online = [{ pieces: words }] as readonly Said[] } = {},
): StreamLedger {
  sequence = 0;
  const taps = [tapOf(ONLINE, online), tapOf(TEST, atTest)];
  const [before, after] = [streamsAt(taps, scene.online), streamsAt(taps, scene.test, passlistOf(scene))];
  first = before.streams[0]!.stream.initialSequence + 1;
  return streamLedgerOf({
    online: before.streams,
    test: after.streams,
    joined: before.joined,
    doubt,
    saidAgain,
  });
}

/** Where and how it differs, when what one connection brings is this. */
const found = (...pieces: readonly Uint8Array[]) =>
  ledger([{ pieces }]).deviations.map(({ kind, at, bytes }) => ({ kind, at, bytes }));
const without = (bytes: Buffer, at: number, count: number): Buffer =>
  Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]);
const changed = (bytes: Buffer, ...places: readonly number[]): Buffer => {
  const copy = Buffer.from(bytes);
  for (const at of places) copy[at]! ^= 1;
  return copy;
};

test('a copy that brings every byte is exact, in however many segments and connections', () => {
  expect(ledger([{ pieces: [said] }])).toMatchObject({
    connections: 1,
    exact: 1,
    bytes: said.length,
    deviations: [],
  });
  expect(ledger([{ pieces: [a, b] }, { pieces: [c] }, { pieces: [d] }])).toMatchObject({
    exact: 1,
    arrivedBytes: said.length,
    deviations: [],
  });
});

test('bytes that are missing are named by the first of them', () => {
  expect(found(without(said, 500, 30))).toEqual([{ kind: 'missing', at: 500, bytes: 30 }]);
  expect(found(without(said, 0, 1))).toEqual([{ kind: 'missing', at: 0, bytes: 1 }]);
  expect(found(said.subarray(0, 900))).toEqual([{ kind: 'missing', at: 900, bytes: said.length - 900 }]);
  expect(ledger([]).deviations).toMatchObject([{ client, kind: 'missing', at: 0, bytes: said.length }]);
});

test('bytes that were altered are named by the first and the number up to the last', () => {
  expect(found(changed(said, 77))).toEqual([{ kind: 'altered', at: 77, bytes: 1 }]);
  expect(found(changed(said, 77, 80))).toEqual([{ kind: 'altered', at: 77, bytes: 4 }]);
  expect(found(changed(said, said.length - 1))).toEqual([{ kind: 'altered', at: said.length - 1, bytes: 1 }]);
  expect(found(changed(said, 0, said.length - 1))).toEqual([{ kind: 'altered', at: 0, bytes: 1 }]);
});

test('bytes that came once more are told from bytes that nobody said', () => {
  expect(found(a, b, b, c, d)).toEqual([{ kind: 'duplicated', at: 340, bytes: 40 }]);
  expect(found(said, d)).toEqual([{ kind: 'duplicated', at: said.length, bytes: 7 }]);
  expect(found(a, Buffer.from('drop table'), b, c, d)).toEqual([{ kind: 'unexpected', at: 300, bytes: 10 }]);
  expect(found(said, Buffer.from('bye'))).toEqual([{ kind: 'unexpected', at: said.length, bytes: 3 }]);
});

test('bytes that came once more are told also where what follows gave way to them', () => {
  expect(found(a, b, b)).toEqual([{ kind: 'duplicated', at: 340, bytes: 40 }]);
  expect(found(a, b, b, c.subarray(40), d)).toEqual([{ kind: 'duplicated', at: 340, bytes: 40 }]);
  expect(found(said.subarray(0, -d.length), c)).toEqual([{ kind: 'duplicated', at: 2_340, bytes: 2_000 }]);
});

test('bytes that came once more are told also where what follows begins as they do', () => {
  const [first, second] = [Buffer.concat([Buffer.alloc(3), b]), Buffer.concat([Buffer.alloc(3), d])];
  const online = [{ pieces: [a, first, second] }];
  expect(ledger([{ pieces: [a, first, first] }], { online }).deviations).toMatchObject([
    { kind: 'duplicated', at: 343, bytes: 43 },
  ]);
});

test('a byte that is altered in what repeats itself is no repetition', () => {
  const alike = Buffer.alloc(200, 'x');
  const online = [{ pieces: [changed(alike, 100)] }];
  expect(ledger([{ pieces: [alike] }], { online }).deviations).toMatchObject([
    { kind: 'altered', at: 100, bytes: 1 },
  ]);
});

test('a part that a further connection begins with again is a second delivery, unless it had been refused', () => {
  const parts = [{ pieces: [a, b] }, { pieces: [b, c, d] }];
  expect(ledger(parts).deviations).toMatchObject([{ kind: 'duplicated', at: 340, bytes: 40 }]);
  expect(ledger(parts, { saidAgain: 1 }).deviations).toEqual([]);
});

test('what tcpcopy told to be in doubt may be there or not', () => {
  ledger([]);
  const doubt: Doubt = { words: [{ client, count: 1, sequence: first + 300, bytes: 40 }], told: 1 };
  expect(ledger([{ pieces: [a] }, { pieces: [c, d] }], { doubt })).toMatchObject({
    deviations: [],
    doubtful: [{ kind: 'missing', at: 300, bytes: 40 }],
  });
  expect(ledger([{ pieces: [a, b] }, { pieces: [c, d] }], { doubt })).toMatchObject({
    deviations: [],
    doubtful: [],
  });
  expect(ledger([{ pieces: [a] }, { pieces: [d] }], { doubt }).deviations).toMatchObject([
    { kind: 'missing' },
  ]);
});

test('connections that follow one another from one end are told apart', () => {
  const online = [{ pieces: [a, b] }, { pieces: [c, d] }];
  sequence = 0;
  const order = (connections: readonly Said[]) => ledger(connections, { online });
  expect(order(online)).toMatchObject({ connections: 2, deviations: [] });
  expect(order([{ pieces: [a, b] }, { pieces: [c, changed(d, 0)] }]).deviations).toMatchObject([
    { kind: 'altered', said: c.length + d.length, at: c.length },
  ]);
});

test('copies that have other addresses are found by their ports', () => {
  expect(ledger([{ client: '198.18.10.200:40000', pieces: words }]).deviations).toEqual([]);
});

test('a connection that the online server never saw is unexpected, and that of a server on the passlist is not', () => {
  const { deviations } = ledger([
    { pieces: words },
    { client: '198.18.10.10:41999', pieces: [a] },
    { client: '198.18.10.20:41998', pieces: [a] },
  ]);
  expect(deviations).toEqual([
    { client: '198.18.10.10:41999', said: 0, kind: 'unexpected', at: 0, bytes: 300 },
  ]);
});
