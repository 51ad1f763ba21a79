/**
 * Which writes of a connection's client the test server has not answered: where it closes, they are in doubt.
 *
 * Mostly there is one, the latest. There are more where the client goes on before it has read, as one does that pipelines, and
 * where words went out though an answer was missed: the test server's kernel acknowledges all of them, and nobody sees how
 * many of them its program has read. What has come then answers as many of them as it must, and not as many as it may.
 */
import { isResting, leaveRest, REST, type Resting } from './rest';

export interface Due {
  /** Where it begins in the client's stream. */
  readonly from: number;
  /** Which of the writes of its words it is, from 1: all that the client says without having read in between. */
  readonly place: number;
  /** How long the online server's answers to these words were; 0 but for the last of them. */
  readonly expected_bytes: number;
}
export const NO_EARLIER: readonly Due[] = [];
/** Writes whose places are known while none of them is answered. */
const EARLIER_MAX = 64;

/** Of a connection with the test server, when it begins; stream offsets. */
export const DUE = {
  /** Where the latest words begin in the client's stream, and the latest write of them; below 0 before any were said. */
  wordsFrom: -1,
  writeFrom: -1,
  /** How many writes the latest words have. */
  writes: 0,
  /** Up to where payload has acknowledged the client's stream. */
  payloadAcknowledged: 1,
  /** Up to where the client's stream has drawn an answer: payload that acknowledges it; and writes said behind that. */
  drawnUntil: 1,
  due: 0,
  /** How long the online server's answers were to the latest words; 0 while the client has not read them. */
  expected_bytes: 0,
  /** What came since the words were answered before those that are due, and ended writes of it that answered none yet. */
  credit_bytes: 0,
  credit_writes: 0,
  /** Payload of the connection so far, and before the latest words. */
  received_bytes: 0,
  receivedBefore_bytes: 0,
  /** Ended writes that came since. */
  received_writes: 0,
  /** Writes that were due when the latest words were said; and 1 where the end of an answer was still to come. */
  dueBefore: 0,
  tailBefore: 0,
  ...REST,
  /** Writes of the client's on this connection. */
  said_writes: 0,
};

export type DueRequests = typeof DUE &
  Resting & {
    readonly habits: {
      readonly answersShorter: boolean;
      readonly writesMax: number | undefined;
      /** Whether the writes of clients are requests each; undefined before anything has shown it. */
      readonly pipelines: boolean | undefined;
      answeredOneByOne(): void;
      answeredAtOnce(): void;
      longest_bytes(expected_bytes: number, requests: number): number;
      lasted(bytes: number, expected_bytes: number, requests: number): void;
      cameIn(writes: number): void;
    };
    /** How far the client had read the online server's stream when it said its latest words, and when the connection began. */
    readonly onlineFrom: number;
    readonly onlineStart: number;
    /** In their order, without the latest one; of very many only the last of them. */
    earlierDue: readonly Due[];
    /** The client's writes are requests each, and not only parts of one: more answers came than one. */
    pipelines: boolean;
  };

/**
 * Words are said that begin with a write at `offset`; `expected_bytes` is still of those before.
 *
 * @param isInStep the test server has said nothing for so long that it has answered all that it will
 */
export function isDue(of: DueRequests, offset: number, isInStep: boolean): void {
  if (of.due > 0) conclude(of, of.habits.answersShorter || mayBeOne(of));
  if (of.writes > 1 && of.received_writes === 1) of.habits.answeredAtOnce();
  if (of.due === 0 && of.expected_bytes > 0) learnLength(of);
  if (isInStep) of.rest_writes = 0;
  else if (of.due === 0) leaveRest(of, of.expected_bytes, of.writes);
  of.own_bytes = of.own_writes = 0;
  of.receivedBefore_bytes = of.received_bytes;
  of.dueBefore = of.due;
  of.tailBefore = isResting(of) ? 1 : 0;
  of.received_writes = 0;
  another(of, offset, 1);
  of.wordsFrom = offset;
}

/** What came may be less than the answers, and is not more: on a connection as a whole, else where it began with the words. */
function learnLength(of: DueRequests): void {
  const { habits, received_bytes, expected_bytes, writes } = of;
  if (isAllForLatest(of)) habits.lasted(received_bytes - of.receivedBefore_bytes, expected_bytes, writes);
  else if (of.dueBefore === 0) habits.lasted(received_bytes, of.onlineFrom - of.onlineStart, of.said_writes);
}

/** The latest words go on with another write. */
export const goneOn = (of: DueRequests, offset: number): void => another(of, offset, of.writes + 1);

function another(of: DueRequests, offset: number, place: number): void {
  if (of.due > 0) {
    if (of.earlierDue.length === 0) of.earlierDue = [];
    else if (of.earlierDue.length === EARLIER_MAX) (of.earlierDue as Due[]).shift();
    const { writeFrom: from, writes, expected_bytes } = of;
    (of.earlierDue as Due[]).push({ from, place: writes, expected_bytes });
  } else of.credit_bytes = of.credit_writes = 0;
  of.writeFrom = offset;
  of.writes = place;
  of.said_writes += 1;
  of.expected_bytes = 0;
  of.due += 1;
}

/** How many requests begin before `until`: writes, or words where writes are known to be only parts of them. */
export function requestsDue(of: DueRequests, until: number): number {
  const { due, earlierDue, writeFrom, writes } = of;
  if (due === 0) return 0;
  const areParts = isPipelining(of) === false;
  const forgotten = due - 1 - earlierDue.length;
  const known = [...earlierDue, { from: writeFrom, place: writes }];
  return (
    forgotten +
    known.filter((one, index) => one.from < until && !(areParts && index > 0 && one.place > 1)).length
  );
}

/** What comes can only be for the latest write. */
export const isAlone = ({ due, writes }: DueRequests): boolean => due <= 1 && writes <= 1;

/** Something has come that answers the first of those that are due, or is a part of that answer. */
export function credit(of: DueRequests, bytes: number, ends: boolean): void {
  if (of.due === 0 || of.payloadAcknowledged <= (of.earlierDue[0]?.from ?? of.writeFrom)) return;
  of.credit_bytes += bytes;
  if (!ends) return;
  of.credit_writes += 1;
  reckon(of);
}

/** The client had read so much of the online server's answers to the latest words when it went on, or ended. */
export function isRead(of: DueRequests, expected_bytes: number): void {
  of.expected_bytes = expected_bytes;
  learn(of, true);
  if (of.due > 0) reckon(of);
}

/** Nothing of what came since the latest words was for others before them. */
const isAllForLatest = ({ dueBefore, tailBefore }: DueRequests): boolean => dueBefore + tailBefore === 0;

/** As much as online came for them. */
const isWhole = (of: DueRequests): boolean =>
  isAllForLatest(of) && of.received_bytes - of.receivedBefore_bytes === of.expected_bytes;

/**
 * What has come for the latest words shows in how many writes answers come, and whether the client pipelines.
 *
 * @param isOver all that was to come has
 */
function learn(of: DueRequests, isOver: boolean): void {
  const { writes, received_writes, habits } = of;
  if (received_writes === 0) return;
  // One answer in several writes also ends more of them.
  const isEven = received_writes > 1 && received_writes % writes === 0;
  if (isAllForLatest(of) && (writes === 1 || (isEven && isOver))) habits.cameIn(received_writes / writes);
  if (writes === 1 || received_writes <= (habits.writesMax ?? 1) * (1 + of.dueBefore + of.tailBefore)) return;
  if (!isEven && isWhole(of)) return;
  of.pipelines = true;
  habits.answeredOneByOne();
}

/** Whether its client's writes are requests each; undefined before anything has shown it. */
export const isPipelining = (of: DueRequests): boolean | undefined => of.pipelines || of.habits.pipelines;

/** The latest words are over: of a client that does not pipeline, all of them are answered by any answer. */
function conclude(of: DueRequests, isLikelyOne: boolean): void {
  if (of.due <= of.writes && of.credit_bytes > 0 && !(isPipelining(of) ?? !isLikelyOne))
    drawn(of, of.payloadAcknowledged);
}

/** What came is not only the first of several answers, as far as bytes and writes tell. */
const mayBeOne = (of: DueRequests): boolean =>
  of.received_writes <= (of.habits.writesMax ?? 1) && of.credit_bytes * 2 >= of.expected_bytes;

/** The connection is over. */
export function isOver(of: DueRequests, expected_bytes: number): void {
  of.expected_bytes = expected_bytes;
  learn(of, isWhole(of));
  if (of.due > 0) {
    reckon(of);
    conclude(of, mayBeOne(of));
  }
  if (of.writes > 1 && of.received_writes === 1) of.habits.answeredAtOnce();
}

/** Takes those for answered that must be. */
function reckon(of: DueRequests): void {
  const answered = answeredByBytes(of);
  if (answered === 0) while (of.due > 0 && takeByWrite(of));
  else {
    of.credit_bytes = of.credit_writes = 0;
    take(of, answered);
  }
}

/**
 * How many of the first, where answers are as long as the online server's, to the byte; where they are longer, the first words, if
 * as much came as answers have at the longest: the first bytes of one may be a write of their own, as where a kernel's
 * buffer was full.
 */
function answeredByBytes(of: DueRequests): number {
  const { earlierDue, due, credit_bytes, habits } = of;
  if (habits.answersShorter || due - 1 > earlierDue.length) return 0;
  let expected_bytes = 0;
  let areLonger = false;
  let answered = 0;
  for (let index = 0; index < due; index += 1) {
    const one = earlierDue[index];
    const read_bytes = one?.expected_bytes ?? of.expected_bytes;
    if (read_bytes === 0) continue;
    const longest_bytes = habits.longest_bytes(read_bytes, one?.place ?? of.writes);
    // Each write is one answer at the most.
    const mayBe = !isPipelining(of) || of.credit_writes > index;
    if (expected_bytes === 0 && credit_bytes >= longest_bytes && mayBe) answered = index + 1;
    expected_bytes += read_bytes;
    areLonger ||= longest_bytes > read_bytes;
    // What is longer may come to any sum.
    if (expected_bytes === credit_bytes && (!areLonger || read_bytes === credit_bytes)) return index + 1;
    if (areLonger || expected_bytes > credit_bytes) break;
  }
  return answered;
}

/**
 * An answer has come if as many writes have as answers have at the most. Where nobody knows how many, one has come to the first
 * of the words. @returns whether one was taken
 */
function takeByWrite(of: DueRequests): boolean {
  const { earlierDue, due, habits } = of;
  const isFirst = (earlierDue[0]?.place ?? of.writes) === 1;
  const { writesMax = isFirst ? 1 : Infinity } = habits;
  if (of.credit_writes < writesMax) return false;
  const answered = isPipelining(of) ? 1 : lengthOfFirst(of);
  const expected_bytes = earlierDue[answered - 1]?.expected_bytes ?? of.expected_bytes;
  if (expected_bytes > 0 && due - 1 === earlierDue.length && !habits.answersShorter) return false;
  if ((earlierDue[answered - 1]?.from ?? of.writeFrom) >= of.payloadAcknowledged) return false;
  of.credit_writes -= writesMax;
  if ((earlierDue[answered]?.place ?? of.writes) === 1) of.credit_bytes = 0;
  take(of, answered);
  return true;
}

/** Of the words whose first write is due, in writes; of the latest words only that one, as long as more may come. */
function lengthOfFirst({ earlierDue, writes }: DueRequests): number {
  const next = earlierDue.findIndex(({ place }, index) => index > 0 && place === 1);
  if (next > 0) return next;
  return writes === 1 ? Math.max(1, earlierDue.length) : 1;
}

function take(of: DueRequests, answered: number): void {
  const forgotten = of.due - 1 - of.earlierDue.length;
  of.due -= answered;
  if (of.due === 0) {
    of.earlierDue = NO_EARLIER;
    of.drawnUntil = Math.max(of.drawnUntil, of.payloadAcknowledged);
  } else if (answered > forgotten) {
    of.earlierDue = of.earlierDue.slice(answered - forgotten);
    of.drawnUntil = Math.max(of.drawnUntil, of.earlierDue[0]?.from ?? of.writeFrom);
  }
}

/** What stands before `until` was answered. */
export function drawn(of: DueRequests, until: number): void {
  if (until <= of.drawnUntil) return;
  of.drawnUntil = until;
  const { earlierDue } = of;
  of.credit_bytes = of.credit_writes = 0;
  if (until > of.writeFrom) {
    of.due = 0;
    of.earlierDue = NO_EARLIER;
  } else if (earlierDue.length > 0 && earlierDue[0]!.from < until) {
    of.earlierDue = earlierDue.filter(({ from }) => from >= until);
    of.due = of.earlierDue.length + 1;
  }
}
