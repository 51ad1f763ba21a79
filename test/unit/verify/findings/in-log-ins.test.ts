import { passlistOf } from '../../../../lab/verify/evidence/passlist-of';
import { NO_DOUBT } from '../../../../lab/verify/evidence/doubt';
import { findInLogIns } from '../../../../lab/verify/findings/in-log-ins';
import { streamLedgerOf } from '../../../../lab/verify/ledger/streams/stream-ledger';
import { streamsAt } from '../../../../lab/verify/ledger/streams/streams-at';
import { postgresql } from '../log-ins/recorded';
import { framesOf } from '../world/conversation';
import { capture, type End } from '../world/frames';
import { CLIENT, ONLINE, scene, TEST } from '../world/scene';

type Pieces = readonly Uint8Array[];

/** @param connections what is said in each of them, one after the other from the same end */
const tap = (node: 'online' | 'test', server: End, connections: readonly Pieces[]) =>
  ({
    name: node,
    place: node,
    node,
    capture: capture(
      connections.flatMap((pieces, index) =>
        framesOf({ client: CLIENT, server, pieces, initialSequence: index * 1_000_000 }),
      ),
    ),
    families: [4],
    droppedByKernel: 0,
    endedEarly: undefined,
    tcpdumpCounts: {},
  }) as const;

function find(online: Pieces, test: readonly Pieces[]) {
  const taps = [tap('online', ONLINE, [online]), tap('test', TEST, test)];
  const [before, after] = [streamsAt(taps, scene.online), streamsAt(taps, scene.test, passlistOf(scene))];
  const ledger = streamLedgerOf({
    online: before.streams,
    test: after.streams,
    joined: before.joined,
    doubt: NO_DOUBT,
    saidAgain: 0,
  });
  return findInLogIns(ledger, scene);
}

const scram = postgresql['SCRAM-SHA-256'];
const [logIn, query] = [scram.slice(0, -2), scram.slice(-2)];
const behind = Buffer.concat(logIn).length;

test('a connection that ended at its log-in is told with the cause and the mend', () => {
  expect(find(scram, [logIn])).toEqual([
    {
      code: 'log-in-refused',
      message:
        'In 1 connection test:8080 refused a log-in that cannot be copied (PostgreSQL, SCRAM-SHA-256): it answers to a number ' +
        'that online drew for this connection, and test has drawn another one. ' +
        `The first is that from ${CLIENT}, which ended at byte ${behind}; nothing that was said behind it was carried out.`,
      mend: expect.stringContaining('`trust` in pg_hba.conf'),
    },
  ]);
});

test('it is told also where the copy went on in another connection', () => {
  expect(find(scram, [logIn, query])).toMatchObject([{ code: 'log-in-refused' }]);
});

test('a log-in that both servers believed is nothing to tell', () => {
  expect(find(scram, [scram])).toEqual([]);
});

test('what is lost elsewhere in the connection is no refusal', () => {
  expect(find(scram, [logIn.slice(0, -1)])).toEqual([]);
  expect(find(scram, [[...logIn, query[0]!]])).toEqual([]);
  expect(find(scram, [])).toEqual([]);
});

test('where each client says the same to both servers, whatever ends a connection is no refusal', () => {
  expect(find(postgresql.password, [postgresql.password.slice(0, -2)])).toEqual([]);
});
