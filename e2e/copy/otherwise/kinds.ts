/** The kinds of test servers that are played, each on a port of its own, with what is to come of it. */
import type { Expectation, Kind } from './kind';
import type { Answer, ClientManner, ServerManner, WrittenAnswer } from './tasks';

const FIRST_PORT = 8101;
const ONLINE_BYTES = 10_240;

const WHOLE = { bytes: ONLINE_BYTES } as const;
const of = (bytes: number): WrittenAnswer => ({ bytes });
const says = (...answers: readonly Answer[]): ServerManner => ({ answers });
const often = <T>(times: number, one: T): T[] => Array.from({ length: times }, () => one);

const asks = (connections: number, requests: number, more: Partial<ClientManner> = {}): ClientManner => ({
  how: 'asks',
  connections,
  requests,
  ...more,
});
const tells = (connections: number, requests: number, pause_ms: number): ClientManner => ({
  how: 'tells',
  connections,
  requests,
  pause_ms,
});

interface Draft {
  readonly online?: ServerManner;
  readonly test: ServerManner;
  readonly client?: ClientManner;
  readonly expects?: Expectation;
  readonly isLossy?: true;
}

/** By what the test server does. */
const drafts = {
  'answers in 3 bytes': { test: says(of(3)), client: asks(10, 100) },
  'answers with 5 % of the bytes': { test: says(of(512)) },
  'answers with 40 % of the bytes': { test: says(of(4096)) },
  'answers with 60 % of the bytes': { test: says(of(6144)) },
  'answers with 90 % of the bytes': { test: says(of(9216)) },
  'answers with a byte more': { test: says(of(ONLINE_BYTES + 1)) },
  'answers with three times the bytes': { test: says(of(3 * ONLINE_BYTES)) },
  'answers with thirty times the bytes': { test: says(of(30 * ONLINE_BYTES)), client: asks(3, 20) },
  'answers with other bytes each time': { test: says(of(1), of(30_000), of(700), WHOLE, of(10_000)) },
  'answers, and never comes to an end': {
    test: says({ bytes: 2_048_000, pieces: 1000, pause_ms: 10 }),
    client: asks(2, 8),
    expects: { closesWithin_ms: 5000 },
  },

  'only acknowledges': { test: says('none') },
  'only acknowledges clients that think': { test: says('none'), client: asks(5, 20, { pause_ms: 20 }) },
  'answers each connection once': { test: says(WHOLE, ...often(99, 'none' as const)) },

  'answers, answers shorter, or does not': { test: says(WHOLE, of(3), 'none') },
  'answers, or answers shorter': { test: says(WHOLE, of(300)) },
  'answers, or does not': { test: says(WHOLE, 'none') },

  'answers late by 300 ms each tenth time': {
    test: says(...often(9, WHOLE), { ...WHOLE, after_ms: 300 }),
    expects: { earlyMax: 0.1 },
  },
  'answers late by 100 ms each fifth time': {
    test: says(...often(4, WHOLE), { ...WHOLE, after_ms: 100 }),
    expects: { earlyMax: 0.1 },
  },
  'answers late by 50 ms': {
    test: says({ ...WHOLE, after_ms: 50 }),
    client: asks(5, 30),
    expects: { earlyMax: 0.1 },
  },

  'answers in two pieces, 40 ms apart': {
    test: says({ ...WHOLE, pieces: 2, pause_ms: 40 }),
    client: asks(5, 40),
    expects: { earlyMax: 0.2 },
  },
  // Longer than is waited for before it is known, and all is said by then; that it is learned the simulator shows.
  'answers in two pieces, 300 ms apart': {
    test: says({ ...WHOLE, pieces: 2, pause_ms: 300 }),
    client: asks(5, 10),
  },
  'answers in four pieces, 20 ms apart': {
    test: says({ ...WHOLE, pieces: 4, pause_ms: 20 }),
    client: asks(5, 30),
    expects: { earlyMax: 0.2 },
  },

  'says nothing, where the online server pushes': {
    online: { answers: ['none'], pushes: { bytes: 5, every_ms: 100 } },
    test: says('none'),
    client: tells(5, 40, 50),
  },
  'says nothing behind an upgrade, where the online server pushes': {
    online: { answers: [of(129), ...often(99, 'none' as const)], pushes: { bytes: 60, every_ms: 70 } },
    test: says(of(129), ...often(99, 'none' as const)),
    client: tells(5, 40, 50),
  },
  'pushes more, and oftener, than the online server does': {
    online: { answers: ['none'], pushes: { bytes: 5, every_ms: 100 } },
    test: { answers: ['none'], pushes: { bytes: 900, every_ms: 15 } },
    client: tells(5, 40, 50),
  },
  'pushes and answers, where the online server only answers': {
    test: { answers: [WHOLE], pushes: { bytes: 5, every_ms: 20 } },
  },
  'pushes as much as an answer would be, and does not answer': {
    test: { answers: ['none'], pushes: { ...WHOLE, every_ms: 20 } },
    client: asks(5, 20),
  },

  'does not greet, where the online server does': {
    online: { answers: [WHOLE], greeting_bytes: 80 },
    test: says(WHOLE),
    client: asks(10, 5),
  },
  'greets, where the online server does not': {
    test: { answers: [WHOLE], greeting_bytes: 80 },
    client: asks(10, 5),
  },
  'greets longer, and answers shorter': {
    online: { answers: [WHOLE], greeting_bytes: 80 },
    test: { answers: [of(300)], greeting_bytes: 900 },
    client: asks(10, 5),
  },

  'closes with the 20th answer': {
    test: { answers: [WHOLE], ends: { how: 'closes', behind: 20 } },
    client: asks(5, 100),
    expects: { doubtful: 'lost' },
  },
  'closes with the 100th answer': {
    test: { answers: [of(300)], ends: { how: 'closes', behind: 100 } },
    client: asks(2, 250),
    expects: { doubtful: 'lost' },
  },
  'closes with any answer': {
    test: { answers: [of(3)], ends: { how: 'closes', behind: 'any' } },
    client: asks(5, 100),
    expects: { doubtful: 'lost' },
  },
  'closes 1 ms behind the 7th answer': {
    test: { answers: [WHOLE], ends: { how: 'closes', behind: 7, after_ms: 1 } },
    expects: { doubtful: 'lost' },
  },
  'closes 5 ms behind any answer': {
    test: { answers: [WHOLE], ends: { how: 'closes', behind: 'any', after_ms: 5 } },
    expects: { doubtful: 'lost' },
  },
  'closes behind the 10th answer, reads on, and throws away what it reads': {
    test: { answers: [WHOLE], ends: { how: 'discards', behind: 10 } },
    expects: { doubtful: 'lost' },
  },
  'closes 5 ms behind any answer, reads on, and throws away what it reads': {
    test: { answers: [WHOLE], ends: { how: 'discards', behind: 'any', after_ms: 5 } },
    expects: { doubtful: 'lost' },
  },
  'closes behind the 21st answer, and throws away what was pipelined': {
    test: { answers: [WHOLE], ends: { how: 'discards', behind: 21 } },
    client: asks(5, 120, { pipelined: 8 }),
    expects: { doubtful: 'lost' },
  },
  'closes behind the 21st answer, shorter, and throws away what was pipelined': {
    test: { answers: [of(300)], ends: { how: 'discards', behind: 21 } },
    client: asks(5, 120, { pipelined: 8 }),
    expects: { doubtful: 'lost' },
  },

  'does not read for 600 ms behind its 4th answer, then reads all, and closes with the 8th': {
    test: { answers: [WHOLE], stalls: { behind: 4, for_ms: 600 }, ends: { how: 'discards', behind: 8 } },
    client: asks(3, 40),
    expects: { doubtful: 'lost', lostMax: 1 },
  },
  'does not read for 600 ms behind its 4th answer, shorter, then reads all, and closes with the 8th': {
    test: { answers: [of(300)], stalls: { behind: 4, for_ms: 600 }, ends: { how: 'discards', behind: 8 } },
    client: asks(3, 40),
    expects: { doubtful: 'lost', lostMax: 1 },
  },
  'does not read for 600 ms behind its 4th answer, longer, then reads all, and closes with the 8th': {
    test: {
      answers: [of(ONLINE_BYTES + 5000)],
      stalls: { behind: 4, for_ms: 600 },
      ends: { how: 'discards', behind: 8 },
    },
    client: asks(3, 40),
    expects: { doubtful: 'lost', lostMax: 1 },
  },

  'closes behind the 10th answer, reads on, and carries out what it reads': {
    test: { answers: [WHOLE], ends: { how: 'carries-out', behind: 10 } },
    expects: { doubtful: 'undecided' },
  },
  'resets 5 ms behind the 8th answer': {
    test: { answers: [WHOLE], ends: { how: 'resets', behind: 8, after_ms: 5 } },
    expects: { doubtful: 'lost' },
  },
  'closes with the 9th answer, and is reached by 95 % of the packets': {
    test: { answers: [of(300)], ends: { how: 'closes', behind: 9 } },
    expects: { doubtful: 'lost' },
    isLossy: true,
  },

  'closes instead of its 10th answer': {
    test: { answers: [WHOLE], ends: { how: 'dies', behind: 9 } },
    expects: { doubtful: 'undecided' },
  },
  'resets instead of any answer': {
    test: { answers: [WHOLE], ends: { how: 'dies-by-reset', behind: 'any' } },
    expects: { doubtful: 'undecided' },
  },
  'closes instead of its first answer': {
    test: { answers: [WHOLE], ends: { how: 'dies', behind: 0 } },
    client: asks(5, 10),
    // Whoever never answers is not waited for: much is in flight when it dies.
    expects: { doubtful: 'undecided', lostMax: 1 },
  },

  'refuses connections for a while': {
    test: { answers: [WHOLE], away: 'refuses' },
    client: asks(10, 30),
    expects: { behindMax_ms: 12_000 },
  },
  'resets connections for a while': {
    test: { answers: [WHOLE], away: 'resets' },
    client: asks(10, 30, { apart_ms: 20 }),
    expects: { behindMax_ms: 12_000, doubtful: 'lost', connectionsMax: 15 },
  },
  'resets all, refuses, and is back': {
    test: { answers: [WHOLE], away: 'leaves' },
    client: asks(5, 60, { pause_ms: 30 }),
    expects: { behindMax_ms: 12_000, doubtful: 'lost' },
  },

  'answers in 3 bytes clients that close then': {
    test: says(of(3)),
    client: asks(100, 1, { apart_ms: 10 }),
    expects: { closesWithin_ms: 4000 },
  },
  'answers in 3 bytes clients that reset then': {
    test: says(of(3)),
    client: asks(50, 2, { apart_ms: 20, closes: 'by-reset' }),
    expects: { closesWithin_ms: 4000 },
  },
  'answers with 90 % of the bytes clients that close then': {
    test: says(of(9216)),
    client: asks(50, 2, { apart_ms: 20 }),
    expects: { closesWithin_ms: 4000 },
  },
  'answers 4 s behind the end of its client': {
    test: says({ ...WHOLE, after_ms: 4000 }),
    client: asks(10, 1),
    expects: { isAnswered: true },
  },
  'answers 2 s behind the reset of its client': {
    test: says({ ...WHOLE, after_ms: 2000 }),
    client: asks(10, 1, { closes: 'by-reset' }),
    expects: { isAnswered: true },
  },
  'pauses for 1 s in an answer whose client has gone': {
    test: says({ ...WHOLE, pieces: 2, pause_ms: 1000 }),
    client: asks(10, 1),
    expects: { isAnswered: true },
  },

  'is reached by 95 % of the packets': {
    test: says(WHOLE),
    client: asks(20, 100),
    isLossy: true,
  },
  'is reached by 95 % of the packets of long requests': {
    test: says(WHOLE),
    client: asks(5, 40, { request_bytes: 20_000 }),
    isLossy: true,
  },
  'is reached by 95 % of the packets of clients that think': {
    test: says(WHOLE),
    client: asks(5, 100, { pause_ms: 10 }),
    isLossy: true,
  },
} satisfies Record<string, Draft>;

export type KindName = keyof typeof drafts;

const kindAt = (port: number, does: string, draft: Draft): Kind => ({
  name: String(port),
  does,
  port,
  online: draft.online ?? { answers: [WHOLE] },
  test: draft.test,
  client: draft.client ?? asks(5, 60),
  expects: draft.expects ?? {},
  isLossy: draft.isLossy ?? false,
});

export const kinds: readonly Kind[] = Object.entries<Draft>(drafts).map(([does, draft], index) =>
  kindAt(FIRST_PORT + index, does, draft),
);

/** To be copied by a tcpcopy that says again what is in doubt. */
export const repeated: Kind = kindAt(FIRST_PORT + kinds.length, 'closes instead of its 10th answer', {
  ...drafts['closes instead of its 10th answer'],
  client: asks(5, 30),
});

/** Some of them, by name. */
export const kindsNamed = (...names: readonly KindName[]): Kind[] =>
  kinds.filter(({ does }) => names.some((name) => name === does));
