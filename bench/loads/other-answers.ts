/** Loads whose test server answers otherwise than the online server: shorter, later, in pieces, or not at all. */
import type { Answer } from '../server/task';
import type { OtherProgram } from '../servers/with-servers';
import type { Load } from './load';
import type { LoadName } from './load-name';
import { lossy } from './lossy';
import { byClient, cutOff, early, otherwise, watched } from './otherwise';
import { together, type Row } from './row';

/** What the lab's nginx serves under this name is 10 kB large. */
const FILE = '10k';
const FILE_BYTES = 10_240;
const FILE_PATH = `bytes/${FILE}?`;
/** Guesses cost at most 250 ms for each change of the test server's behaviour; the rest is for a machine that is busy. */
const BEHIND_MS_MAX = 3_000;
/** What is promised where packets are lost. */
const LOSS_BEHIND_MS_MAX = 1_000;
/** What each request may wait in vain where kinds of answers alternate. */
const ALTERNATING_WAIT_MS = 20;
/** What the servers and the network take on top of a pause. */
const SLOW_MARGIN_MS = 2_000;

export interface Sizes {
  readonly connections: number;
  /** Of each connection. */
  readonly requests: number;
}

const program = (...answers: Answer[]): OtherProgram => ({ kind: 'program', task: { answers } });

export const shortAnswersLoad = (name: LoadName, sizes: Sizes): Load =>
  otherwise(name, {
    servers: { test: { kind: 'nginx', settings: { locations: 'location / { return 404 "no\\n"; }' } } },
    play: byClient({ kind: 'asking', ...sizes }, FILE_PATH),
    rules: { behindMax_ms: BEHIND_MS_MAX },
  });

/** @param bytes sizes of the test server's answers, one after the other */
export function answerSizesLoad(
  name: LoadName,
  { bytes, ...sizes }: Sizes & { readonly bytes: readonly [number, ...number[]] },
): Load {
  const ofSize = (size_bytes: number): Load =>
    otherwise(name, {
      servers: { test: { kind: 'nginx', file: { name: FILE, bytes: size_bytes } } },
      play: byClient({ kind: 'asking', ...sizes }, FILE_PATH),
      rules: { behindMax_ms: BEHIND_MS_MAX },
    });
  return {
    ...name,
    labKind: 'http',
    measure: async (stage) => {
      const rows: Row[] = [];
      for (const size_bytes of bytes) {
        const row = await ofSize(size_bytes).measure(stage);
        const note = `${size_bytes} B instead of ${FILE_BYTES}: ${row.test} of ${row.online}`;
        rows.push({ ...row, notes: [note, ...row.notes] });
      }
      return together(rows as [Row, ...Row[]]);
    },
  };
}

/** @param after so many answers the test server closes a connection, and the online server does not */
export const closingLoad = (name: LoadName, { after, ...sizes }: Sizes & { readonly after: number }): Load =>
  otherwise(name, {
    servers: { test: { kind: 'nginx', settings: { requestsPerConnection: after } } },
    play: byClient({ kind: 'asking', ...sizes }),
    rules: { behindMax_ms: BEHIND_MS_MAX, mayDoubt: true },
  });

/** The online server speaks when it likes, and the test server never; the client waits for neither. */
export const pushLoad = (name: LoadName, sizes: Sizes & { readonly pause_ms: number }): Load =>
  otherwise(name, {
    servers: {
      online: { kind: 'program', task: { answers: ['none'], push: { every_ms: 100, bytes: 5 } } },
      test: program('none'),
    },
    play: byClient({ kind: 'saying', ...sizes }),
    rules: { behindMax_ms: BEHIND_MS_MAX },
  });

/** The client closes as soon as the online server has answered; the test server answers so much later. */
export const slowAnswerLoad = (
  name: LoadName,
  { after_ms, ...sizes }: Sizes & { readonly after_ms: number },
): Load =>
  otherwise(name, {
    servers: { online: program({ body_bytes: 100 }), test: program({ body_bytes: 100, after_ms }) },
    play: watched(byClient({ kind: 'asking', ...sizes }), after_ms + SLOW_MARGIN_MS),
    rules: { faults: cutOff },
  });

export const alternatingLoad = (name: LoadName, sizes: Sizes): Load =>
  otherwise(name, {
    servers: {
      online: program({ body_bytes: FILE_BYTES }),
      test: program({ body_bytes: FILE_BYTES }, { body_bytes: 3 }, 'none'),
    },
    play: byClient({ kind: 'asking', ...sizes }),
    rules: { behindMax_ms: BEHIND_MS_MAX + sizes.requests * ALTERNATING_WAIT_MS },
  });

/** @param pauses_ms in the middle of the test server's answers, one after the other */
export function inPiecesLoad(
  name: LoadName,
  { pauses_ms, ...sizes }: Sizes & { readonly pauses_ms: readonly number[] },
): Load {
  const rounds = Math.ceil(sizes.requests / pauses_ms.length);
  const answering_ms = rounds * pauses_ms.reduce((sum, pause_ms) => sum + pause_ms, 0);
  return otherwise(name, {
    servers: {
      online: program({ body_bytes: FILE_BYTES }),
      test: program(...pauses_ms.map((pause_ms) => ({ body_bytes: FILE_BYTES, pieces: 2, pause_ms }))),
    },
    play: byClient({ kind: 'asking', ...sizes }),
    rules: {
      behindMax_ms: BEHIND_MS_MAX + answering_ms,
      faults: early(sizes.connections * sizes.requests),
    },
  });
}

/** @param share of the packets to the test server that are lost, for example 0.05 */
export const lossTailLoad = (name: LoadName, { share, ...sizes }: Sizes & { readonly share: number }): Load =>
  lossy(
    share,
    otherwise(name, {
      servers: {},
      play: byClient({ kind: 'asking', ...sizes }),
      rules: { behindMax_ms: LOSS_BEHIND_MS_MAX },
    }),
  );
