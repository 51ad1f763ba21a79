/** What holds the kinds of test servers of e2e/copy/otherwise.test.ts to their promises must find it when they are broken. */
import { clientPortOf, problemsOf, type Played } from '../../../e2e/copy/otherwise/judge';
import type { Kind } from '../../../e2e/copy/otherwise/kind';
import { kinds, kindsNamed, repeated, type KindName } from '../../../e2e/copy/otherwise/kinds';
import type { ServerEvent } from '../../../e2e/copy/otherwise/tasks';

const kindOf = (name: KindName): Kind => kindsNamed(name)[0]!;
const PACE_MS = 3;

/** As a server records it to which all clients say what they are to say, one request each 3 ms. */
function recordOf(kind: Kind, behind_ms: number): ServerEvent[] {
  return Array.from({ length: kind.client.connections }, (_, connection) => {
    const event = (at_ms: number, what: ServerEvent['what'], index?: number): ServerEvent => ({
      at_ms: at_ms + behind_ms,
      port: kind.port,
      clientPort: clientPortOf(kind, connection),
      what,
      ...(index !== undefined && { request: `${kind.name}/${connection}-${index}` }),
    });
    const end_ms = kind.client.requests * PACE_MS;
    return [
      event(0, 'opened'),
      ...Array.from({ length: kind.client.requests }, (_request, index) => [
        event(index * PACE_MS, 'heard', index),
        event(index * PACE_MS + 1, 'answered', index),
      ]).flat(),
      event(end_ms, 'closed'),
    ];
  }).flat();
}

const exact = (kind: Kind): Played => ({
  online: recordOf(kind, 0),
  test: recordOf(kind, 10),
  doubtful: new Map(),
  refused: 0,
});

/** With the test server's record changed. */
const broken = (kind: Kind, change: (events: readonly ServerEvent[]) => readonly ServerEvent[]): Played => ({
  ...exact(kind),
  test: change(exact(kind).test),
});

const is = (kind: Kind, connection: number, index: number) => (event: ServerEvent) =>
  event.what === 'heard' && event.request === `${kind.name}/${connection}-${index}`;

const doubt = (kind: Kind, connection: number, count: number): Played['doubtful'] =>
  new Map([[clientPortOf(kind, connection), count]]);

const short = kindOf('answers in 3 bytes');
const discards = kindOf('closes behind the 10th answer, reads on, and throws away what it reads');
const dies = kindOf('closes instead of its 10th answer');
const pieces = kindOf('answers in two pieces, 40 ms apart');
const gone = kindOf('answers in 3 bytes clients that close then');
const late = kindOf('answers 4 s behind the end of its client');
const resets = kindOf('resets connections for a while');
const stalls = kindOf(
  'does not read for 600 ms behind its 4th answer, longer, then reads all, and closes with the 8th',
);

/** It goes on so much later behind its 4th answer, and has not read the request behind that. */
const stalled = (for_ms: number): Played =>
  broken(stalls, (events) => {
    const isBehind = is(stalls, 0, 4);
    const from = events.findIndex(isBehind);
    return events
      .map((event, index) => (index < from ? event : { ...event, at_ms: event.at_ms + for_ms }))
      .filter((event) => !isBehind(event));
  });

test('what a stall has lost is told to be in doubt, unless it lasted for so long that all is taken for read', () => {
  expect(problemsOf(stalls, stalled(600))).toEqual([
    '0 requests are told to be in doubt, not 1',
    expect.stringMatching(
      /^1 requests are missing: .*; it said nothing for 60\d ms at the most, on a machine that was idle$/,
    ),
  ]);
  expect(problemsOf(stalls, stalled(1100))).toEqual([]);
});

test('a busy machine is no excuse for what a stall has lost, and nobody is told of', () => {
  const played = stalled(600);
  const late: ServerEvent = { at_ms: 0, port: 0, clientPort: 0, what: 'late' };
  expect(problemsOf(stalls, { ...played, test: [...played.test, late] })).toContainEqual(
    expect.stringMatching(/^1 requests are missing: .*a machine that was busy$/),
  );
});

test.each([...kinds, repeated])('an exact copy of a test server that $does has no problem', (kind) => {
  expect(problemsOf(kind, exact(kind))).toEqual([]);
});

test.each<[string, Kind, Played]>([
  [
    'a request that is missing',
    short,
    broken(short, (events) => events.filter((one) => !is(short, 3, 7)(one))),
  ],
  [
    'a request that is carried out twice',
    short,
    broken(short, (events) => events.flatMap((one) => (is(short, 3, 7)(one) ? [one, one] : [one]))),
  ],
  [
    'a request that nobody said',
    short,
    broken(short, (events) => [
      ...events,
      { ...events.find(is(short, 0, 0))!, request: `${short.name}/0-9999` },
    ]),
  ],
  [
    'requests in another order',
    short,
    broken(short, (events) => {
      const [seventh, eighth] = [events.find(is(short, 3, 7))!, events.find(is(short, 3, 8))!];
      return events.map((one) => (one === seventh ? eighth : one === eighth ? seventh : one));
    }),
  ],
  [
    'a request that comes 9 s late',
    short,
    broken(short, (events) =>
      events.map((one) => (is(short, 9, 99)(one) ? { ...one, at_ms: one.at_ms + 9000 } : one)),
    ),
  ],
  [
    'a load that did not run to its end',
    short,
    { ...exact(short), online: exact(short).online.slice(0, -9) },
  ],
  ['a doubt where there is none', short, { ...exact(short), doubtful: doubt(short, 0, 1) }],
  [
    'a request that is missing and not in doubt',
    discards,
    broken(discards, (events) => events.filter((one) => !is(discards, 0, 10)(one))),
  ],
  [
    'a request that is in doubt and not missing',
    discards,
    { ...exact(discards), doubtful: doubt(discards, 0, 1) },
  ],
  [
    'a test server that died, and no doubt of it',
    dies,
    broken(dies, (events) => [...events, { ...events.find(is(dies, 0, 9))!, what: 'died' }]),
  ],
  [
    'requests in the middle of answers',
    pieces,
    broken(pieces, (events) => events.map((one) => ({ ...one, early: one.what === 'heard' }))),
  ],
  [
    'a connection that stays open',
    gone,
    broken(gone, (events) => events.filter(({ what }) => what !== 'closed')),
  ],
  [
    'connections that stay open for long',
    gone,
    broken(gone, (events) =>
      events.map((one) => (one.what === 'closed' ? { ...one, at_ms: one.at_ms + 30_000 } : one)),
    ),
  ],
  [
    'an answer that was cut off',
    late,
    broken(late, (events) =>
      events.map((one) => (one.what === 'answered' ? { ...one, what: 'cut-off' } : one)),
    ),
  ],
  [
    'a test server that is run over',
    resets,
    broken(resets, (events) => [...events, ...Array.from({ length: 200 }, () => events[0]!)]),
  ],
])('%s is found', (_, kind, played) => {
  expect(problemsOf(kind, played)).not.toEqual([]);
});

test('what is lost where the test server had no turn to reset in time is no problem, and is one where it had', () => {
  const { connections, requests } = resets.client;
  const lostWith = (slow: boolean): string[] => {
    const opened = exact(resets).test.flatMap((one) => (one.what === 'opened' ? [{ ...one, slow }] : []));
    return problemsOf(resets, {
      ...exact(resets),
      test: opened,
      doubtful: doubt(resets, 0, connections * requests),
    });
  };
  expect(lostWith(true)).toEqual([]);
  expect(lostWith(false)).toEqual([expect.stringMatching(/are lost, and need not have been/)]);
});

test('most of the requests lost is a problem, even if all of them are in doubt', () => {
  const isEarly = ({ request = '' }: ServerEvent): boolean => Number(request.split('-')[1]) < 20;
  const lost = broken(discards, (events) => events.filter((one) => one.what !== 'heard' || isEarly(one)));
  const count = discards.client.connections * (discards.client.requests - 20);
  expect(problemsOf(discards, { ...lost, doubtful: doubt(discards, 0, count) })).toEqual([
    expect.stringMatching(/are lost, and need not have been/),
  ]);
});

test('requests in the middle of answers are no problem where the machine cannot keep its own pauses', () => {
  const starved = broken(pieces, (events) =>
    events.map((one) => ({ ...one, early: one.what === 'heard', slow: one.what === 'answered' })),
  );
  expect(problemsOf(pieces, starved)).toEqual([]);
});

test('what is missing and in doubt is no problem where a test server throws away what it reads', () => {
  const lost = broken(discards, (events) => events.filter((one) => !is(discards, 0, 10)(one)));
  expect(problemsOf(discards, { ...lost, doubtful: doubt(discards, 0, 1) })).toEqual([]);
});

test('answered requests may stay in doubt where programs waited for their turns, a tenth of them and no more', () => {
  const turn: ServerEvent = { at_ms: 0, port: 0, clientPort: 0, what: 'late' };
  const busy = broken(discards, (events) => [...events, turn]);
  const tenth = (discards.client.connections * discards.client.requests) / 10;
  const told = (count: number) => ({ doubtful: doubt(discards, 0, count) });
  expect(problemsOf(discards, { ...busy, ...told(tenth) })).toEqual([]);
  expect(problemsOf(discards, { ...busy, ...told(tenth + 1) })).toEqual([
    expect.stringMatching(/are told to be in doubt/),
  ]);
  expect(
    problemsOf(short, { ...exact(short), doubtful: doubt(short, 0, 1), test: [...exact(short).test, turn] }),
  ).toEqual([expect.stringMatching(/are told to be in doubt/)]);
});

test('a copy may be late for twice as long where programs waited for their turns, and no longer', () => {
  const turn: ServerEvent = { at_ms: 0, port: 0, clientPort: 0, what: 'late' };
  const behind = (by_ms: number) =>
    broken(short, (events) => [
      ...events.map((one) => (is(short, 9, 99)(one) ? { ...one, at_ms: one.at_ms + by_ms } : one)),
      turn,
    ]);
  expect(problemsOf(short, behind(9000))).toEqual([]);
  expect(problemsOf(short, behind(17_000))).toEqual([expect.stringMatching(/ms behind the online server/)]);
});
